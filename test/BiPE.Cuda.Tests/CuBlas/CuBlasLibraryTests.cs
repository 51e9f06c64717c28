using BiPE.Cuda.CuBlas;

namespace BiPE.Cuda.Tests.CuBlas;

public sealed class CuBlasLibraryTests
{
    [Test]
    public void LooksInTheLoadersPathFirstNewestFirst() => Assert.That(
        CuBlasLibrary.Candidates(new Machine(), 13).Take(3), Is.EqualTo(new[] { "libcublas.so.13", "libcublas.so.12", "libcublas.so.11" }));

    [Test]
    public void TriesWhatIsNewerThanTheDriverLast()
    {
        var machine = new Machine { Files = ["/opt/cuda/lib64/libcublas.so.13", "/opt/cuda/lib64/libcublas.so.12"], Home = "/opt/cuda" };
        Assert.That(CuBlasLibrary.Candidates(machine, 12), Is.EqualTo(
            new[] { "libcublas.so.12", "libcublas.so.11", "/opt/cuda/lib64/libcublas.so.12", "libcublas.so.13", "/opt/cuda/lib64/libcublas.so.13" }));
    }

    [Test]
    public void KnowsTheNamesOnWindows() => Assert.That(
        CuBlasLibrary.Candidates(new Machine { IsWindows = true }, 13).Take(2), Is.EqualTo(new[] { "cublas64_13.dll", "cublas64_12.dll" }));

    [TestCase("/opt/cuda-12/lib64/libcublas.so.12")]
    [TestCase("/usr/local/cuda/lib64/libcublas.so.13")]
    [TestCase("/venv/lib/python3.12/site-packages/nvidia/cublas/lib/libcublas.so.12")]
    [TestCase("/venv/lib/python3.12/site-packages/nvidia/cu13/lib/libcublas.so.13")]
    public void FindsTheFileIn(string path)
    {
        var machine = new Machine { Files = [path], Home = "/opt/cuda-12", Packages = ["/venv/lib/python3.12/site-packages"] };
        Assert.That(CuBlasLibrary.Candidates(machine, 13), Does.Contain(path));
    }

    [Test]
    public void DoesNotTryFilesThatAreNotThere() => Assert.That(CuBlasLibrary.Candidates(new Machine { Home = "/opt/cuda" }, 13).Count(), Is.EqualTo(3));

    private sealed class Machine : ISystemPlaces
    {
        public bool IsWindows { get; init; }

        public string[] Files { get; init; } = [];

        public string? Home { get; init; }

        public string[] Packages { get; init; } = [];

        public string? Variable(string name) => name == "CUDA_HOME" ? Home : null;

        public bool HasFile(string path) => Files.Contains(path);

        public IEnumerable<string> PythonPackageFolders() => Packages;
    }
}
