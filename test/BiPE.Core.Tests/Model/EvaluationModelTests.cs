using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

/// <summary>Models that are loaded for evaluation alone.</summary>
public sealed class EvaluationModelTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public void MatricesInBFloat16GiveTheLossesOfTheRoundedMatrices(
        [ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding, [Values] bool isTied, [Values] bool fillsVectors)
    {
        string folder = Save(encoding, isTied, fillsVectors);
        using ITensorBackend narrow = Cpu(ElementType.BFloat16);
        using LanguageModel model = HuggingFaceFolder.Load(narrow, folder, ModelUse.Evaluation);
        using ITensorBackend wide = Cpu(ElementType.Float32);
        using LanguageModel rounded = HuggingFaceFolder.Load(wide, folder);
        foreach ((Parameter stored, Parameter wanted) in model.Parameters.Zip(rounded.Parameters))
        {
            double[] values = wide.ReadDoubles(wanted.Value);
            bool isMatrix = wanted.Shape.Rank == 2 && wanted.Name != "model.embeds.0.weight";
            Assert.That(stored.Value.Type, Is.EqualTo(isMatrix ? ElementType.BFloat16 : ElementType.Float32), stored.Name);
            if (isMatrix)
            {
                wide.WriteDoubles(wanted.Value, values = Array.ConvertAll(values, Bench.AsBFloat16));
            }

            Assert.That(narrow.ReadDoubles(stored.Value), Is.EqualTo(values), stored.Name);
        }

        Assert.That(Losses(model), Is.EqualTo(Losses(rounded)).Within(2e-5));
        Assert.That(model.LossesInChunks(Row(), 7), Is.EqualTo(rounded.LossesInChunks(Row(), 7)).Within(2e-5));
    }

    [Test]
    public void ModelsThatTrainKeepFloat32()
    {
        using ITensorBackend backend = Cpu(ElementType.BFloat16);
        using LanguageModel model = HuggingFaceFolder.Load(backend, Save("bipe_rope", isTied: false, fillsVectors: true));
        Assert.That(model.Parameters.Select(parameter => parameter.Value.Type), Is.All.EqualTo(ElementType.Float32));
    }

    [Test]
    public void WhatIsSavedAgainIsTheModelAsItIsStored([Values(ElementType.Float32, ElementType.BFloat16)] ElementType type)
    {
        using ITensorBackend backend = Cpu(type);
        using LanguageModel model = HuggingFaceFolder.Load(backend, Save("bipe_alibi", isTied: false, fillsVectors: true), ModelUse.Evaluation);
        string folder = _folder.At($"again-{type}");
        HuggingFaceFolder.Save(model, folder, tokenizer: null);
        using LanguageModel again = HuggingFaceFolder.Load(backend, folder, ModelUse.Evaluation);
        Assert.That(Losses(again), Is.EqualTo(Losses(model)));
    }

    [Test]
    public void NoMasterWeightsAreHeldBesideBFloat16()
    {
        string folder = Save("bipe_rope", isTied: false, fillsVectors: true);
        using ITensorBackend backend = SimulatedCuda.Open(CudaPrecision.BFloat16);
        (double[] trained, long withMasters) = Run(backend, folder, ModelUse.Training);
        (double[] evaluated, long without) = Run(backend, folder, ModelUse.Evaluation);
        Assert.That(evaluated, Is.EqualTo(trained), "the same bits");
        Assert.That(without, Is.LessThan(withMasters / 2));
    }

    [Test]
    public void BFloat16TakesHalfOfTheMemoryOfFloat32()
    {
        string folder = Save("rope", isTied: false, fillsVectors: true);
        using ITensorBackend narrow = Cpu(ElementType.BFloat16);
        using ITensorBackend wide = Cpu(ElementType.Float32);
        (_, long few) = Run(narrow, folder, ModelUse.Evaluation);
        (_, long many) = Run(wide, folder, ModelUse.Evaluation);
        Assert.That(few, Is.LessThan(0.6 * many));
    }

    [Test]
    public void AWeightThatIsNoNumberIsNamed()
    {
        using CpuBackend backend = Cpu(ElementType.BFloat16);
        string folder = Save("alibi", isTied: false, fillsVectors: true);
        using (LanguageModel trained = HuggingFaceFolder.Load(backend, folder))
        {
            backend.Fill(trained.Parameters.Single(parameter => parameter.Name == "model.layers.1.mlp.down_proj.weight").Value, double.NaN);
            HuggingFaceFolder.Save(trained, _folder.At("broken"), tokenizer: null);
        }

        using LanguageModel model = HuggingFaceFolder.Load(backend, _folder.At("broken"), ModelUse.Evaluation);
        Assert.That(
            model.FindNonFinite(Row(), 16), Does.StartWith("layer 1 MLP output, whose weights model.layers.1.mlp.down_proj.weight are not finite"));
    }

    /// <summary>Losses, and bytes that the model holds; when it is gone it holds nothing.</summary>
    private static (double[] Losses, long Bytes) Run(ITensorBackend backend, string folder, ModelUse use)
    {
        long before = backend.Memory.Used;
        double[] losses;
        long held;
        using (LanguageModel model = HuggingFaceFolder.Load(backend, folder, use))
        {
            held = backend.Memory.Used - before;
            losses = Losses(model);
        }

        Assert.That(backend.Memory.Used, Is.EqualTo(before));
        return (losses, held);
    }

    private static CpuBackend Cpu(ElementType frozenType) => new(new CpuBackendOptions { Threads = 2, FrozenType = frozenType });

    private string Save(string encoding, bool isTied, bool fillsVectors)
    {
        string folder = _folder.At($"{encoding}-{isTied}-{fillsVectors}");
        ModelConfig config = TinyModels.Config(encoding, isTied);
        using ITensorBackend backend = Cpu(ElementType.Float32);
        using LanguageModel model = TinyModels.Create(
            backend, fillsVectors ? config with { VocabularySize = 64, HiddenSize = 48, IntermediateSize = 32 } : config);
        HuggingFaceFolder.Save(model, folder, tokenizer: null);
        return folder;
    }

    private static double[] Losses(LanguageModel model)
    {
        using var tape = new Tape(model.Backend, isRecording: false);
        return model.Backend.ReadDoubles(model.Losses(tape, Row()));
    }

    /// <summary>More tokens than products take for few rows.</summary>
    private static TokenBatch Row() => new([.. Enumerable.Range(0, 61).Select(i => i * i % 22)], 1);
}
