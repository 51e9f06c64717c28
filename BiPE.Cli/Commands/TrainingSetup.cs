using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;

namespace BiPE.Cli.Commands;

/// <summary>Everything a run needs, new or resumed.</summary>
internal sealed class TrainingSetup : IDisposable
{
    private TrainingSetup(LanguageModel model, ITokenizer tokenizer, TrainingData data, Trainer trainer)
    {
        Model = model;
        Tokenizer = tokenizer;
        Data = data;
        Trainer = trainer;
    }

    public LanguageModel Model { get; }

    public ITokenizer Tokenizer { get; }

    public TrainingData Data { get; }

    public Trainer Trainer { get; }

    /// <summary>A new run.</summary>
    /// <param name="output">The run's folder.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="createModel">Makes the model.</param>
    /// <param name="openData">Opens the data, which may take long.</param>
    /// <exception cref="BipeException">The folder already has a run or a model, or the parts do not fit each other.</exception>
    public static TrainingSetup Start(
        string output, TrainingOptions options, ITokenizer tokenizer, Func<LanguageModel> createModel, Func<TrainingData> openData)
    {
        options.Validate();
        RequireFree(output);
        return Build(createModel, tokenizer, openData, (model, data) => new Trainer(model, data, options));
    }

    /// <summary>The run that a folder's newest checkpoint is of.</summary>
    /// <param name="backend">Where the model will live.</param>
    /// <param name="output">The run's folder.</param>
    /// <param name="apply">Gives the settings to go on with, from the checkpoint's.</param>
    /// <param name="openData">Opens the data.</param>
    /// <exception cref="BipeException">There is none, or it cannot be read, or the data is another.</exception>
    public static TrainingSetup Resume(
        ITensorBackend backend, string output, Func<TrainingOptions, TrainingOptions> apply, Func<TrainingState, TrainingData> openData)
    {
        string folder = TrainingCheckpoint.Latest(output)
            ?? throw new BipeException($"'{output}' has no checkpoint to resume from; start a run without --resume.");
        TrainingState state = TrainingCheckpoint.ReadState(folder);
        TrainingOptions options = apply(state.Options);
        options.Validate();
        if (options.MaxSteps < state.Step)
        {
            throw new BipeException($"The run in '{output}' is at step {state.Step}, so it cannot end after {options.MaxSteps}; give --max-steps at least {state.Step}, or leave it out.");
        }

        return Build(() => HuggingFaceFolder.Load(backend, folder), TokenizerFolder.Open(folder), () => openData(state), (model, data) =>
        {
            state.RequireSameData(folder, options, data);
            var trainer = new Trainer(model, data, options);
            try
            {
                TrainingCheckpoint.RestoreOptimizer(folder, trainer, state);
                return trainer;
            }
            catch
            {
                trainer.Dispose();
                throw;
            }
        });
    }

    public void Dispose()
    {
        Trainer.Dispose();
        Data.Dispose();
        Model.Dispose();
    }

    /// <summary>A finished run would overwrite another model in its folder, and its checkpoints would mix with another run's.</summary>
    private static void RequireFree(string output)
    {
        if (TrainingCheckpoint.Latest(output) is { } checkpoint)
        {
            throw new BipeException($"'{output}' already has a run, up to {Path.GetFileName(checkpoint)}; go on with --resume, or choose another --output.");
        }

        if (File.Exists(Path.Combine(output, "config.json")))
        {
            throw new BipeException($"'{output}' already has a model, which a finished run would overwrite; choose another --output.");
        }
    }

    private static TrainingSetup Build(
        Func<LanguageModel> createModel, ITokenizer tokenizer, Func<TrainingData> openData, Func<LanguageModel, TrainingData, Trainer> createTrainer)
    {
        LanguageModel model = createModel();
        TrainingData? data = null;
        try
        {
            data = openData();
            return new TrainingSetup(model, tokenizer, data, createTrainer(model, data));
        }
        catch
        {
            data?.Dispose();
            model.Dispose();
            throw;
        }
    }
}
