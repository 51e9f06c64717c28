using BiPE.Cli.Console;

namespace BiPE.Cli.Tests.Console;

internal sealed class PlainProgressViewTests
{
    [Test]
    public void ALineComesEveryTenSecondsWithTheTimeLeft()
    {
        var time = new ManualTime();
        using var writer = new StringWriter();
        var view = new PlainProgressView("training", writer, time);

        // Resumed at 500 of 1000, ten units a second.
        for (int second = 0; second <= 20; second++)
        {
            view.Report(new ProgressState(500 + (10 * second), 1000, "loss 2.50"));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        string[] lines = writer.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.That(lines, Is.EqualTo(["training: 60%, loss 2.50, ETA 40s", "training: 70%, loss 2.50, ETA 30s"]));
    }

    [Test]
    public void WithoutATotalThereIsNeitherShareNorTimeLeft()
    {
        var time = new ManualTime();
        using var writer = new StringWriter();
        var view = new PlainProgressView("reading", writer, time);
        view.Report(new ProgressState(1, 0, "1 document"));
        time.Advance(TimeSpan.FromSeconds(11));
        view.Report(new ProgressState(5, 0, "5 documents"));

        Assert.That(writer.ToString().TrimEnd(), Is.EqualTo("reading: 5 documents"));
    }
}
