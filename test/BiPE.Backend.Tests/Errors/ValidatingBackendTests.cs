using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Errors;

/// <summary>What a wrong call says: operation, argument, found, wanted.</summary>
public sealed class ValidatingBackendTests
{
    private ValidatingBackend _backend = null!;

    [SetUp]
    public void CreateBackend() => _backend = new ValidatingBackend(new ReferenceBackend());

    [TearDown]
    public void DisposeBackend() => _backend.Dispose();

    [Test]
    public void WrongShapeOfAProduct() => Expect(
        "MatMul: 'b' is [768, 2304], expected [3072, 768] (b transposed).", "b",
        () => _backend.MatMul(Of(4, 3072), Of(4, 768), Of(768, 2304), new MatMulOptions { TransposeB = true }));

    [Test]
    public void WrongShapeOfATransposedFirstFactor() => Expect(
        "MatMul: 'a' is [5, 3], expected [5, 4] (a transposed).", "a",
        () => _backend.MatMul(Of(4, 2), Of(5, 3), Of(5, 2), new MatMulOptions { TransposeA = true }));

    [Test]
    public void WrongShapeWithoutTransposesHasNoNote() => Expect(
        "BatchedMatMul: 'b' is [2, 3, 6], expected [2, 4, 6].", "b",
        () => _backend.BatchedMatMul(Of(2, 5, 6), Of(2, 5, 4), Of(2, 3, 6)));

    [Test]
    public void FrozenFactorsAreOnlyTransposedSecondFactors()
    {
        Tensor factor = Of(3, 4);
        _backend.FreezeFactor(factor);
        const string Found = "[3, 4] was frozen and can only be the transposed second factor of MatMul.";
        Expect($"MatMul: 'b' {Found}", "b", () => _backend.MatMul(Of(2, 4), Of(2, 3), factor));
        Expect($"MatMul: 'a' {Found}", "a", () => _backend.MatMul(Of(3, 2), factor, Of(4, 2)));
        Expect($"Scale: 'source' {Found}", "source", () => _backend.Scale(Of(3, 4), factor, 2));
        Expect($"Fill: 'destination' {Found}", "destination", () => _backend.Fill(factor, 0));
        _backend.MatMul(Of(2, 3), Of(2, 4), factor, new MatMulOptions { TransposeB = true });
        _backend.Release(factor);
    }

    [Test]
    public void PartsOfAnAllocationAreNotFrozen() => Expect(
        "FreezeFactor: 'factor' is part of an allocation, expected all of it.", "factor", () => _backend.FreezeFactor(Of(3, 4).Slice(0, 2)));

    [Test]
    public void MatricesOfATypeThatNobodyReads()
    {
        using var backend = new ValidatingBackend(new CpuBackend());
        using var scope = new TensorScope(backend);
        Tensor matrix = scope.Allocate(new Shape(3, 4), ElementType.BFloat16);
        Tensor ids = scope.Allocate(new Shape(2), ElementType.Int32);
        Expect("FreezeFactor: 'factor' is BFloat16, expected Float32.", "factor", () => backend.FreezeFactor(matrix));
        Expect(
            "GatherRows: 'table' is BFloat16, expected Float32.", "table",
            () => backend.GatherRows(scope.Allocate(new Shape(2, 4), ElementType.BFloat16), matrix, ids));
    }

    [Test]
    public void WrongNumberOfAxes() => Expect(
        "MatMul: 'a' is [2, 3, 4], expected 2 axes.", "a", () => _backend.MatMul(Of(2, 4), Of(2, 3, 4), Of(3, 4)));

    [Test]
    public void WrongType() => Expect(
        "GatherRows: 'ids' is Float64, expected Int32.", "ids", () => _backend.GatherRows(Of(3, 2), Of(5, 2), Of(3)));

    [Test]
    public void IntegersWhereNumbersAreAdded() => Expect(
        "Add: 'destination' is Int32, expected a floating-point type.", "destination",
        () => _backend.Add(Integers(3), Integers(3), Integers(3)));

    [Test]
    public void TypesThatAreOnlyStored([Values(ElementType.BFloat16, ElementType.Float64)] ElementType type)
    {
        using var backend = new ValidatingBackend(new CpuBackend(new CpuBackendOptions { FrozenType = ElementType.BFloat16 }));
        using var scope = new TensorScope(backend);
        Tensor Stored(params int[] extents) => scope.Allocate(new Shape(extents), type);
        Tensor Floats(params int[] extents) => scope.Allocate(new Shape(extents), ElementType.Float32);
        Tensor Ids(params int[] extents) => scope.Allocate(new Shape(extents), ElementType.Int32);
        string found = $"is {type}, expected Float32.";
        Expect($"Add: 'destination' {found}", "destination", () => backend.Add(Stored(3), Stored(3), Stored(3)));
        Expect($"MatMul: 'a' {found}", "a", () => backend.MatMul(Floats(2, 3), Stored(2, 4), Stored(4, 3)));
        Expect($"MatMul: 'destination' {found}", "destination", () => backend.MatMul(Stored(2, 3), Floats(2, 4), Floats(4, 3)));
        Expect($"SumRows: 'source' {found}", "source", () => backend.SumRows(Floats(3), Stored(2, 3)));
        Expect($"SumOfSquares: 'sources' {found}", "sources", () => backend.SumOfSquares(Floats(1), [Floats(2), Stored(2)]));
        Expect($"ScatterAddRows: 'source' {found}", "source", () => backend.ScatterAddRows(Floats(5, 2), Stored(3, 2), Ids(3), -1, WriteMode.Overwrite));
        Expect($"RmsNorm: 'weight' {found}", "weight", () => backend.RmsNorm(Floats(2, 3), Floats(2), Floats(2, 3), Stored(3), 1e-5));
        Expect($"SwiGlu: 'destination' {found}", "destination", () => backend.SwiGlu(Stored(2, 3), Floats(2, 6)));
        Expect(
            $"Rotate: 'Sine' {found}", "Sine",
            () => backend.Rotate(Floats(1, 2, 4, 8), new RotateArguments(0, 4, Floats(5, 4), Stored(5, 4), Ids(1, 2))));
        Expect(
            $"CrossEntropy: 'logits' {found}", "logits",
            () => backend.CrossEntropy(Floats(2), Stored(2, 7), Ids(2), new CrossEntropyOptions(-100, WritesGradient: false)));
    }

    [Test]
    public void ComputeCopyWiderThanItsMaster()
    {
        using var backend = new ValidatingBackend(new CpuBackend());
        using var scope = new TensorScope(backend);
        Tensor Floats() => scope.Allocate(new Shape(3), ElementType.Float32);
        Expect(
            "AdamWStep: 'ComputeCopy' is Float64, expected Float32 or a narrower floating-point type.", "ComputeCopy",
            () => backend.AdamWStep(
                new(Floats(), Floats(), Floats(), Floats(), scope.Allocate(new Shape(3), ElementType.Float64)), null, new(1, 1, 0.9, 0.9, 0, 0, 0)));
    }

    [Test]
    public void NarrowSecondFactorWithAFirstThatIsNoActivation()
    {
        using var backend = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));
        using var scope = new TensorScope(backend);
        Tensor factor = scope.Allocate(new Shape(3, 4), ElementType.BFloat16);
        Expect(
            "MatMul: 'b' is BFloat16, expected Float32.", "b",
            () => backend.MatMul(
                scope.Allocate(new Shape(2, 3), ElementType.Float32), scope.Allocate(new Shape(2, 4), ElementType.Float32), factor,
                new MatMulOptions { TransposeB = true }));
    }

    [Test]
    public void WrongStatisticsType() => Expect(
        "RmsNorm: 'inverseRms' is Float32, expected Float64.", "inverseRms",
        () => _backend.RmsNorm(Of(2, 3), Typed(ElementType.Float32, 2), Of(2, 3), Of(3), 1e-5));

    [Test]
    public void WrongHostType() => Expect(
        "Upload: 'destination' is Float64, expected Int32.", "destination", () => _backend.Upload<int>(Of(2), [1, 2]));

    [Test]
    public void WrongNumberOfElements()
    {
        Expect("Upload: 'destination' is [2, 3], 6 elements, expected 5.", "destination", () => _backend.Upload<double>(Of(2, 3), new double[5]));
        Expect("Download: 'source' is [4], 4 elements, expected 3.", "source", () => _backend.Download(new double[3].AsSpan(), Of(4)));
        Expect("Copy: 'source' is [4], 4 elements, expected 6.", "source", () => _backend.Copy(Of(2, 3), Of(4)));
    }

    [Test]
    public void ReleasedTensor()
    {
        Tensor tensor = Of(4, 6);
        _backend.Release(tensor);
        Expect("Fill: 'destination' [4, 6] was released.", "destination", () => _backend.Fill(tensor, 0));
        Expect("Scale: 'source' [2, 6] was released.", "source", () => _backend.Scale(Of(2, 6), tensor.Slice(0, 2), 1));
    }

    [Test]
    public void ReleasedTwice()
    {
        Tensor tensor = Of(3);
        _backend.Release(tensor);
        Expect("Release: 'tensor' [3] was released.", "tensor", () => _backend.Release(tensor));
        Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void TensorOfAnotherBackend()
    {
        using var other = new ValidatingBackend(new ReferenceBackend());
        Tensor foreign = other.Allocate(new(5), ElementType.Float64);
        Expect("Add: 'b' [5] belongs to another backend than this reference.", "b", () => _backend.Add(Of(5), Of(5), foreign));
        Expect("Release: 'tensor' [5] belongs to another backend than this reference.", "tensor", () => _backend.Release(foreign));
        Assert.That(foreign.Buffer.IsReleased, Is.False);
    }

    [Test]
    public void Overlap()
    {
        Tensor tensor = Of(6, 2);
        Expect(
            "Scale: 'destination' overlaps 'source'; they must be the same or disjoint.", "destination",
            () => _backend.Scale(tensor.Slice(0, 4), tensor.Slice(1, 4), 2));
        Expect(
            "SumRows: 'destination' overlaps 'source'; they must be disjoint.", "destination",
            () => _backend.SumRows(tensor.Slice(2, 1).Reshape(2), tensor));
        Assert.That(() => _backend.Scale(tensor.Slice(0, 3), tensor.Slice(3, 3), 2), Throws.Nothing);
        Assert.That(() => _backend.Scale(tensor.Slice(0, 3), tensor.Slice(0, 3), 2), Throws.Nothing);
    }

    [Test]
    public void ProductInPlace()
    {
        Tensor square = Of(3, 3);
        Expect("MatMul: 'destination' overlaps 'a'; they must be disjoint.", "destination", () => _backend.MatMul(square, square, Of(3, 3)));
    }

    [Test]
    public void AttentionOverWhatItReads()
    {
        Tensor keys = Of(3, 1, 2, 8);
        Tensor slopes = Of(2);
        AttentionArguments arguments = AttentionArguments.FromCache(Of(1, 1, 2, 8), keys.Reshape(1, 3, 2, 8), Of(1, 3, 2, 8), 1) with
        {
            Bias = new AttentionBias(AttentionBiasKind.PerKey, slopes, Integers(1, 3)),
        };
        ExpectOverlap("Attention", "destination", "Keys", () => _backend.Attention(keys.Slice(1, 1), Of(1, 2, 1), arguments));
        ExpectOverlap("Attention", "logSumExp", "Table", () => _backend.Attention(Of(1, 1, 2, 8), slopes.Reshape(1, 2, 1), arguments));
        Tensor output = Of(1, 1, 2, 8);
        ExpectOverlap("Attention", "destination", "logSumExp", () => _backend.Attention(output, output.Reshape(16).Slice(0, 2).Reshape(1, 2, 1), arguments));
    }

    [Test]
    public void GradientOfABiasTableOverWhatItReads()
    {
        Tensor table = Of(1, 2);
        AttentionArguments arguments = AttentionArguments.FromPacked(Of(1, 2, 3, 8), 1, 1, 1) with
        {
            Bias = new AttentionBias(AttentionBiasKind.PerDistance, table, Integers(1, 2)),
        };
        Tensor logSumExp = Of(1, 1, 2);
        void Run(Tensor tableGradient) => _backend.AttentionBackward(
            new(Of(1, 2, 3, 8), WriteMode.Overwrite, tableGradient), Of(1, 2, 1, 8), Of(1, 2, 1, 8), logSumExp, arguments);
        ExpectOverlap("AttentionBackward", "BiasTable", "Table", () => Run(table));
        ExpectOverlap("AttentionBackward", "BiasTable", "logSumExp", () => Run(logSumExp.Reshape(1, 2)));
    }

    [Test]
    public void StatisticsOfANormOverWhatItReads()
    {
        Tensor vector = Of(3);
        Tensor square = Of(3, 3);
        ExpectOverlap("RmsNorm", "inverseRms", "weight", () => _backend.RmsNorm(Of(3, 3), vector, Of(3, 3), vector, 1e-5));
        ExpectOverlap("RmsNorm", "inverseRms", "source", () => _backend.RmsNorm(Of(3, 3), square.Slice(1, 1).Reshape(3), square, Of(3), 1e-5));
        void Run(Tensor sourceGradient, Tensor weightGradient, Tensor inverseRms) => _backend.RmsNormBackward(
            sourceGradient, WriteMode.Overwrite, weightGradient, WriteMode.Overwrite, Of(3, 3), Of(3, 3), inverseRms, vector);
        ExpectOverlap("RmsNormBackward", "sourceGradient", "inverseRms", () => Run(square, Of(3), square.Slice(0, 1).Reshape(3)));
        ExpectOverlap("RmsNormBackward", "weightGradient", "weight", () => Run(square, vector, Of(3)));
        ExpectOverlap("RmsNormBackward", "weightGradient", "sourceGradient", () => Run(square, square.Slice(2, 1).Reshape(3), Of(3)));
    }

    [Test]
    public void OptimizerStepOverWhatItReads()
    {
        Tensor one = Of(1);
        void Run(AdamWTensors tensors, Tensor? sum = null) => _backend.AdamWStep(tensors, sum, new AdamWOptions(1, 1, 0.9, 0.9, 0, 0, 0));
        ExpectOverlap("AdamWStep", "FirstMoment", "SecondMoment", () => Run(new(Of(1), Of(1), one, one)));
        ExpectOverlap("AdamWStep", "FirstMoment", "Gradient", () => Run(new(Of(1), one, one, Of(1))));
        ExpectOverlap("AdamWStep", "SecondMoment", "Gradient", () => Run(new(Of(1), one, Of(1), one)));
        ExpectOverlap("AdamWStep", "ComputeCopy", "Gradient", () => Run(new(Of(1), one, Of(1), Of(1), one)));
        ExpectOverlap("AdamWStep", "ComputeCopy", "SecondMoment", () => Run(new(Of(1), Of(1), Of(1), one, one)));
        ExpectOverlap("AdamWStep", "sumOfSquares", "FirstMoment", () => Run(new(Of(1), Of(1), one, Of(1)), one));
    }

    [Test]
    public void CausalMaskWithFewerKeysThanQueries() => Expect(
        "SoftmaxRows: 'source' is [2, 5, 4]: a causal mask needs at least as many keys (last axis) as queries.", "source",
        () => _backend.SoftmaxRows(Of(2, 5, 4), Of(2, 5, 4), causal: true));

    [Test]
    public void FewerCachedKeysThanQueries() => Expect(
        "Attention: 3 keys are fewer than 4 queries.", "Keys",
        () => _backend.Attention(Of(1, 4, 2, 8), Of(1, 2, 4), AttentionArguments.FromCache(Of(1, 4, 2, 8), Of(1, 3, 2, 8), Of(1, 3, 2, 8), 1)));

    [Test]
    public void HeadsThatDoNotDivide() => Expect(
        "Attention: 2 key/value heads do not divide 3 query heads.", "arguments",
        () => _backend.Attention(Of(1, 4, 3, 8), Of(1, 3, 4), AttentionArguments.FromPacked(Of(1, 4, 7, 8), 3, 2, 1)));

    [Test]
    public void PackedTensorWithoutItsKeysAndValues() => Expect(
        "Attention: 'Query' is [1, 4, 2, 8], expected [1, 4, 6, 8] (2 query and 2 x 2 key/value heads packed).", "Query",
        () => _backend.Attention(Of(1, 4, 2, 8), Of(1, 2, 4), AttentionArguments.FromPacked(Of(1, 4, 2, 8), 2, 2, 1)));

    [Test]
    public void GradientOfCachedAttention() => Expect(
        "AttentionBackward: queries, keys and values must be packed in one tensor; cached attention has no gradient.", "arguments",
        () => _backend.AttentionBackward(
            new(Of(1, 1, 3, 8), WriteMode.Overwrite), Of(1, 1, 1, 8), Of(1, 1, 1, 8), Of(1, 1, 1),
            AttentionArguments.FromCache(Of(1, 1, 1, 8), Of(1, 1, 1, 8), Of(1, 1, 1, 8), 1)));

    [Test]
    public void GradientOfABiasWithoutATable() => Expect(
        "AttentionBackward: 'BiasTable' asks for a gradient, but there is no bias table of the kinds PerDistance or PerPair.", "BiasTable",
        () => _backend.AttentionBackward(
            new(Of(1, 1, 3, 8), WriteMode.Overwrite, Of(1)), Of(1, 1, 1, 8), Of(1, 1, 1, 8), Of(1, 1, 1),
            AttentionArguments.FromPacked(Of(1, 1, 3, 8), 1, 1, 1)));

    [Test]
    public void BiasTableThatIsNotSquare() => Expect(
        "Attention: 'Table' is [1, 3, 4], expected 1 heads first and as many rows as columns.", "Table",
        () => _backend.Attention(Of(1, 2, 1, 8), Of(1, 1, 2), AttentionArguments.FromPacked(Of(1, 2, 3, 8), 1, 1, 1) with
        {
            Bias = new AttentionBias(AttentionBiasKind.PerPair, Of(1, 3, 4), Integers(1, 2)),
        }));

    [Test]
    public void CachedKeysOfAnotherType() => Expect(
        "Attention: 'Keys' is Float32, expected Float64.", "Keys",
        () => _backend.Attention(
            Of(1, 1, 1, 8), Of(1, 1, 1),
            AttentionArguments.FromCache(Of(1, 1, 1, 8), Typed(ElementType.Float32, 1, 1, 1, 8), Of(1, 1, 1, 8), 1)));

    [Test]
    public void RotationOfHeadsThatAreNotThere() => Expect(
        "Rotate: heads 2 .. 4 are not inside the 4 heads of 'packed'.", "arguments",
        () => _backend.Rotate(Of(1, 2, 4, 8), new RotateArguments(2, 3, Of(5, 4), Of(5, 4), Integers(1, 2))));

    [Test]
    public void RotationOfMoreThanAHead() => Expect(
        "Rotate: 'Cosine' has 5 columns, more than half of the head size 8.", "Cosine",
        () => _backend.Rotate(Of(1, 2, 4, 8), new RotateArguments(0, 4, Of(5, 5), Of(5, 5), Integers(1, 2))));

    [Test]
    public void StepZero() => Expect(
        "AdamWStep: 'Step' is 0, expected 1 or more.", "options",
        () => _backend.AdamWStep(new(Of(2), Of(2), Of(2), Of(2)), null, new AdamWOptions(0, 1, 0.9, 0.9, 0, 0, 0)));

    [Test]
    public void ShapeWithoutAxes() => Expect(
        "Allocate: 'shape' has no axes, expected one to four.", "shape", () => _backend.Allocate(default, ElementType.Float64));

    private void Expect(string message, string parameter, Action call) => Assert.That(
        call, Throws.ArgumentException.With.Property(nameof(ArgumentException.ParamName)).EqualTo(parameter)
            .And.Message.EqualTo($"{message} (Parameter '{parameter}')"));

    private void ExpectOverlap(string operation, string written, string read, Action call) =>
        Expect($"{operation}: '{written}' overlaps '{read}'; they must be disjoint.", written, call);

    private Tensor Of(params int[] extents) => Typed(ElementType.Float64, extents);

    private Tensor Integers(params int[] extents) => Typed(ElementType.Int32, extents);

    private Tensor Typed(ElementType type, params int[] extents) => _backend.Allocate(new Shape(extents), type);
}
