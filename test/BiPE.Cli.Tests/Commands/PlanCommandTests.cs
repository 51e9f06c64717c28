using System.Text.Json;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class PlanCommandTests
{
    private static readonly string Large = Path.Combine(TestFiles.RepositoryRoot, "config", "bipe_rope_1.6b.json");

    [Test]
    public void BytesArePlannedWithAndWithoutRecomputing()
    {
        JsonElement plan = Bipe.Run("plan", "--config", Large, "--batch-size", "40", "--json").Json;
        JsonElement keeping = plan.GetProperty("keeping");
        JsonElement recomputing = plan.GetProperty("recomputing");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(plan.GetProperty("activationType").GetString(), Is.EqualTo("BFloat16"));
            Assert.That(recomputing.GetProperty("moments").GetInt64(), Is.EqualTo(8 * plan.GetProperty("parameterCount").GetInt64()));
            Assert.That(recomputing.GetProperty("total").GetInt64(), Is.LessThan(80e9));
            Assert.That(keeping.GetProperty("total").GetInt64(), Is.GreaterThan(80e9));
        }
    }

    [Test]
    public void TheTableHasAColumnForEach() => Assert.That(
        Bipe.Run("plan", "--config", Large, "--batch-size", "1", "--dtype", "float32").RequireSuccess().Output,
        Does.Contain("every layer kept").And.Contain("--recompute feed-forward").And.Contain("--recompute layers").And.Contain("1 x 1024 tokens").And.Contain("| all ").And.Contain("| most at once "));
}
