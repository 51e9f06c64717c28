using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using BiPE.Core.Tensors;

namespace BiPE.Cuda.Tests.Devices;

public sealed class WithoutDriverTests
{
    [Test]
    public void TheProviderAnswersWithoutLoadingIlgpu()
    {
        Assume.That(NativeLibrary.TryLoad("libcuda.so.1", out _) || NativeLibrary.TryLoad("nvcuda.dll", out _), Is.False, "This machine has a driver.");
        var context = new WithoutIlgpu();
        Type type = context.LoadFromAssemblyPath(typeof(CudaBackendProvider).Assembly.Location).GetType(typeof(CudaBackendProvider).FullName!)!;
        var provider = (IBackendProvider)Activator.CreateInstance(type)!;
        Assert.That(provider.Probe(), Is.EqualTo(new BackendProbe(false, "no NVIDIA driver was found")));
        Assert.That(context.WasAsked, Is.False);
    }

    /// <summary>Has a copy of BiPE.Cuda for itself, and no ILGPU.</summary>
    private sealed class WithoutIlgpu() : AssemblyLoadContext(nameof(WithoutIlgpu))
    {
        public bool WasAsked { get; private set; }

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name != "ILGPU")
            {
                return null;
            }

            WasAsked = true;
            throw new FileNotFoundException("There is no ILGPU here.");
        }
    }
}
