using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Tests.Simd;

/// <summary>Something to do with the vectors of one width.</summary>
internal interface IWidthAction
{
    void Run<TSimd, TVector>()
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged;
}
