namespace BiPE.Core.Tensors;

/// <summary>
/// A rotation of some heads of a packed tensor, in place. Element i of the first R = 2 * (table columns) elements of a head is
/// paired with element i + R / 2 (paired by halves); the rest of the head stays.
/// </summary>
/// <param name="FirstHead">First head that is rotated.</param>
/// <param name="HeadCount">How many heads.</param>
/// <param name="Cosine">Table <c>[positions, R / 2]</c> of the backend's statistics type; amplitudes are included.</param>
/// <param name="Sine">As <paramref name="Cosine"/>.</param>
/// <param name="Positions">Int32 row of the tables for each row of the packed tensor, <c>[batch, time]</c>.</param>
/// <param name="Transposed">
/// False: (x1, x2) becomes (c x1 - s x2, c x2 + s x1). True: the transpose, (c x1 + s x2, c x2 - s x1): the gradient, and
/// for amplitude 1 the inverse.
/// </param>
public sealed record RotateArguments(int FirstHead, int HeadCount, Tensor Cosine, Tensor Sine, Tensor Positions, bool Transposed = false);
