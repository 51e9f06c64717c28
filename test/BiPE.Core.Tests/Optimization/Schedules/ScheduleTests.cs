using System.Text.Json;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Optimization.Schedules;
using BiPE.Testing;

namespace BiPE.Core.Tests.Optimization.Schedules;

public sealed class ScheduleTests
{
    [TestCase("bipe_rope")]
    [TestCase("alibi")]
    public void Polynomial_decay_is_the_references(string model)
    {
        using var golden = SafetensorsFile.Open(TestFiles.RequireShared("golden", "training", $"{model}.safetensors"));
        using var description = JsonDocument.Parse(File.ReadAllBytes(TestFiles.RequireShared("golden", "training", $"{model}.json")));
        var values = description.RootElement.GetProperty("schedule");
        var schedule = new PolynomialSchedule(
            values.GetProperty("learning_rate").GetDouble(), values.GetProperty("warmup_steps").GetInt64(),
            values.GetProperty("training_steps").GetInt64(), values.GetProperty("end_learning_rate").GetDouble());
        var expected = new double[golden.Entries["learning_rates"].Count];
        golden.ReadDoubles("learning_rates", 0, expected);
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.That(schedule.RateAt(step), Is.EqualTo(expected[step]).Within(1e-18), $"step {step}");
        }
    }

    [TestCase(0, 0)]
    [TestCase(1, 2e-4)]
    [TestCase(4, 8e-4)]
    [TestCase(5, 1e-3)]
    [TestCase(6, 1e-3 - (1 * 0.9999e-3 / 15))]
    [TestCase(19, 1e-7 + (1 * 0.9999e-3 / 15))]
    [TestCase(20, 1e-7)]
    [TestCase(21, 1e-7)]
    [TestCase(long.MaxValue, 1e-7)]
    public void Polynomial_decay_at_its_corners(long step, double expected) =>
        Assert.That(new PolynomialSchedule(1e-3, 5, 20).RateAt(step), Is.EqualTo(expected).Within(1e-15));

    [Test]
    public void Polynomial_decay_takes_a_power()
    {
        var schedule = new PolynomialSchedule(1, 0, 10, endLearningRate: 0.5, power: 2);
        Assert.That(schedule.RateAt(0), Is.EqualTo(1));
        Assert.That(schedule.RateAt(5), Is.EqualTo(0.5 + (0.5 * 0.25)).Within(1e-15));
    }

    [TestCase(0, 0)]
    [TestCase(5, 0.5)]
    [TestCase(10, 1)]
    [TestCase(35, 0.8535533905932737)]
    [TestCase(60, 0.5)]
    [TestCase(110, 0)]
    [TestCase(160, 0)]
    public void Cosine_decay_at_its_corners(long step, double expected) =>
        Assert.That(new CosineSchedule(1, 10, 110).RateAt(step), Is.EqualTo(expected).Within(1e-15));

    [TestCase(0, 0)]
    [TestCase(3, 0.75)]
    [TestCase(4, 1)]
    [TestCase(1000, 1)]
    public void Constant_rate_after_the_warm_up(long step, double expected) =>
        Assert.That(new ConstantSchedule(1, 4).RateAt(step), Is.EqualTo(expected));

    [Test]
    public void A_warm_up_as_long_as_the_training_or_longer_only_rises([Values("polynomial", "cosine", "constant")] string name)
    {
        var asLong = LearningRateSchedules.Create(name, 1, 10, 10);
        var longer = LearningRateSchedules.Create(name, 1, 100, 10);
        Assert.That(asLong.RateAt(10), Is.EqualTo(1));
        Assert.That(longer.RateAt(10), Is.EqualTo(0.1));
        Assert.That(longer.RateAt(99), Is.EqualTo(0.99));
    }

    [Test]
    public void Values_out_of_range_are_told()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => LearningRateSchedules.Create("cosin", 1, 0, 1), Fault("did you mean cosine?"));
            Assert.That(() => new PolynomialSchedule(1e-8, 0, 10), Fault("learning rate is 1E-08"));
            Assert.That(() => new PolynomialSchedule(1, 0, 0), Fault("training steps is 0"));
            Assert.That(() => new PolynomialSchedule(1, 0, 1, power: 0), Fault("power"));
            Assert.That(() => new CosineSchedule(double.NaN, 0, 1), Fault("learning rate is NaN"));
            Assert.That(() => new CosineSchedule(1, 0, -1), Fault("training steps is -1"));
            Assert.That(() => new ConstantSchedule(1, -1), Fault("warm-up steps is -1"));
            Assert.That(() => new ConstantSchedule(1, 1).RateAt(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        }

        static NUnit.Framework.Constraints.Constraint Fault(string expected) =>
            Throws.TypeOf<BipeException>().With.Message.Contains(expected);
    }
}
