using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Launching;

/// <summary>Compiles kernels when they are first wanted and starts them on one stream.</summary>
internal sealed class KernelLauncher
{
    private readonly IKernelLoader _loader;
    private readonly AcceleratorStream _stream;
    private readonly Dictionary<MethodInfo, Delegate> _compiled = [];

    /// <summary>Creates a launcher.</summary>
    /// <param name="loader">Compiles kernels.</param>
    /// <param name="stream">The stream that everything runs on, in order.</param>
    public KernelLauncher(IKernelLoader loader, AcceleratorStream stream)
    {
        _loader = loader;
        _stream = stream;
    }

    /// <summary>Numbers of threads.</summary>
    public LaunchPlan Plan => _loader.Plan;

    /// <summary>Starts a kernel whose threads take items in strides.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="threads">Threads that have work; nothing is started for none.</param>
    /// <param name="arguments">Its operands.</param>
    public void PerThread<TArguments>(Action<TArguments> kernel, long threads, in TArguments arguments)
        where TArguments : struct
    {
        if (threads > 0)
        {
            Launch(kernel, Plan.GroupsOfThreads(threads), Plan.ThreadGroup, arguments);
        }
    }

    /// <summary>Starts a kernel whose warps take items in strides.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="warps">Warps that have work; nothing is started for none.</param>
    /// <param name="arguments">Its operands.</param>
    public void PerWarp<TArguments>(Action<TArguments> kernel, long warps, in TArguments arguments)
        where TArguments : struct
    {
        if (warps > 0)
        {
            Launch(kernel, Plan.GroupsOfWarps(warps), Plan.WarpGroup, arguments);
        }
    }

    /// <summary>Starts a kernel whose groups take items in strides.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="groups">Groups that have work; nothing is started for none.</param>
    /// <param name="arguments">Its operands.</param>
    public void PerGroup<TArguments>(Action<TArguments> kernel, long groups, in TArguments arguments)
        where TArguments : struct
    {
        if (groups > 0)
        {
            Launch(kernel, Plan.Groups(groups), Plan.WarpGroup, arguments);
        }
    }

    /// <summary>Starts a kernel with a given number of groups and threads.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="groupSize">Threads of each.</param>
    /// <param name="arguments">Its operands.</param>
    public void Launch<TArguments>(Action<TArguments> kernel, int groups, int groupSize, in TArguments arguments)
        where TArguments : struct
    {
        if (!_compiled.TryGetValue(kernel.Method, out Delegate? launcher))
        {
            launcher = Load(kernel);
            _compiled.Add(kernel.Method, launcher);
        }

        try
        {
            ((Action<AcceleratorStream, KernelConfig, TArguments>)launcher)(_stream, new KernelConfig(groups, groupSize), arguments);
        }
        catch (CudaException e)
        {
            throw DeviceFault.Of(e);
        }
    }

    private Action<AcceleratorStream, KernelConfig, TArguments> Load<TArguments>(Action<TArguments> kernel)
        where TArguments : struct
    {
        try
        {
            return _loader.Load(kernel);
        }
        catch (Exception e) when (e is CudaException or InternalCompilerException)
        {
            throw DeviceFault.OfKernel($"{kernel.Method.DeclaringType!.Name}.{kernel.Method.Name}", e);
        }
    }
}
