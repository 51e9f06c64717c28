using BiPE.Cli.Benchmark;
using BiPE.Core.Data;
using BiPE.Core.Model;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class RandomTextTests
{
    [Test]
    public void TokensOfAnyNumberComeRoundAgain()
    {
        const int Round = 1 << 22;
        const long Count = (1L << 40) + 3;
        ModelConfig config = BenchModels.Named("bytes");
        ITokenSource source = RandomText.Source(config, Count);
        int[] drawn = RandomText.Tokens(config, Round);
        int[] seam = new int[20];
        source.Read((5L * Round) - 10, seam);
        int[] last = new int[5];
        source.Read(Count - 5, last);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(source.TokenCount, Is.EqualTo(Count));
            Assert.That(seam, Is.EqualTo([.. drawn[^10..], .. drawn[..10]]));
            Assert.That(last, Is.EqualTo([.. drawn[^2..], .. drawn[..3]]));
            Assert.That(() => source.Read(Count - 4, last), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void AFewTokensAreThoseDrawn()
    {
        ModelConfig config = BenchModels.Named("bytes");
        ITokenSource source = RandomText.Source(config, 100);
        int[] read = new int[100];
        source.Read(0, read);

        Assert.That(read, Is.EqualTo(RandomText.Tokens(config, 100)));
    }
}
