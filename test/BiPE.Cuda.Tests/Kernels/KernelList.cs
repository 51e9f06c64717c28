using System.Reflection;
using BiPE.Cuda.Kernels;

namespace BiPE.Cuda.Tests.Kernels;

/// <summary>Every kernel of the backend, for every element type and function that it can be compiled for.</summary>
internal static class KernelList
{
    private static readonly Type[] Types = typeof(KernelAttribute).Assembly.GetTypes();

    private static readonly (Type Element, Type Format)[] Formats = [(typeof(float), typeof(Float32Format)), (typeof(ushort), typeof(BFloat16Format))];

    public static IEnumerable<MethodInfo> All() => Types
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(method => method.IsDefined(typeof(KernelAttribute)))
        .SelectMany(Close);

    public static string Describe(MethodInfo kernel) =>
        $"{kernel.DeclaringType!.Name}.{kernel.Name}<{string.Join(", ", kernel.GetGenericArguments().Select(Name))}>";

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;

    private static IEnumerable<MethodInfo> Close(MethodInfo method)
    {
        if (!method.IsGenericMethodDefinition)
        {
            return [method];
        }

        IEnumerable<Type[]> choices = [[]];
        Type[] parameters = method.GetGenericArguments();
        for (int i = 0; i < parameters.Length; i++)
        {
            bool hasFormat = i + 1 < parameters.Length && ConstraintOf(parameters[i + 1]) is { IsGenericType: true };
            Type[][] options = hasFormat
                ? [.. Formats.Select(format => new[] { format.Element, format.Format })]
                : ConstraintOf(parameters[i]) is { } function
                    ? [.. Implementations(function).Select(type => new[] { type })]
                    : [[typeof(float)], [typeof(ushort)], [typeof(int)], [typeof(double)]];
            choices = [.. choices.SelectMany(_ => options, (chosen, option) => (Type[])[.. chosen, .. option])];
            i += hasFormat ? 1 : 0;
        }

        return choices.Select(choice => method.MakeGenericMethod(choice));
    }

    private static Type? ConstraintOf(Type parameter) =>
        parameter.GetGenericParameterConstraints().FirstOrDefault(constraint => constraint.IsInterface);

    private static IEnumerable<Type> Implementations(Type function) => Types
        .Where(type => type.IsValueType && type.GetInterfaces().Contains(function))
        .SelectMany(type => type.IsGenericTypeDefinition
            ? Implementations(ConstraintOf(type.GetGenericArguments()[0])!).Select(argument => type.MakeGenericType(argument))
            : [type]);
}
