using System.Globalization;
using System.Text.Json;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Optimization;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Training;

/// <summary>
/// Folders <c>checkpoint-00000100</c> inside a run's output: the model as a Hugging Face folder, optimizer.safetensors with the
/// moments, training_state.json. A folder is written under a temporary name and renamed when it is whole.
/// </summary>
public static class TrainingCheckpoint
{
    private const string Prefix = "checkpoint-";
    private const string TemporarySuffix = ".tmp";
    private const string StateFile = "training_state.json";
    private const string OptimizerFile = "optimizer.safetensors";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Saves a run.</summary>
    /// <param name="output">The run's output folder.</param>
    /// <param name="trainer">The run.</param>
    /// <param name="state">Its numbers.</param>
    /// <param name="tokenizer">Tokenizer to save with the model.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="BipeException">It cannot be written; earlier checkpoints stay whole.</exception>
    public static string Save(string output, Trainer trainer, TrainingState state, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(state);
        string folder = FolderOf(output, state);
        string temporary = $"{folder}.{Environment.ProcessId}{TemporarySuffix}";
        try
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            HuggingFaceFolder.Save(trainer.Model, temporary, tokenizer);
            SafetensorsWriter.Write(
                Path.Combine(temporary, OptimizerFile),
                Moments(trainer).Select(moment => HuggingFaceFolder.Source(trainer.Model.Backend, moment.Name, moment.Tensor)));
            WriteState(temporary, state);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            Directory.Move(temporary, folder);
            return folder;
        }
        catch (Exception e)
        {
            TryDelete(temporary);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new BipeException($"Cannot write the checkpoint '{folder}': {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Replaces the numbers of a checkpoint, if the run's output has one of this step; weights and moments stay.</summary>
    /// <param name="output">The run's output folder.</param>
    /// <param name="state">The numbers.</param>
    /// <exception cref="BipeException">They cannot be written.</exception>
    internal static void SaveState(string output, TrainingState state)
    {
        string folder = FolderOf(output, state);
        if (Directory.Exists(folder))
        {
            WriteState(folder, state);
        }
    }

    /// <summary>The newest checkpoint of a run, or null.</summary>
    /// <param name="output">The run's output folder.</param>
    public static string? Latest(string output) => All(output).LastOrDefault();

    /// <summary>Removes all but the newest checkpoints, and what a process that was killed left of one.</summary>
    /// <param name="output">The run's output folder.</param>
    /// <param name="keep">How many stay, at least 1.</param>
    public static void Prune(string output, int keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        string[] all = All(output);
        string[] unfinished = Directory.Exists(output) ? Directory.GetDirectories(output, $"{Prefix}*{TemporarySuffix}") : [];
        foreach (string folder in all.SkipLast(keep).Concat(unfinished))
        {
            TryDelete(folder);
        }
    }

    /// <summary>Numbers of a checkpoint.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <exception cref="BipeException">The file is missing or broken.</exception>
    public static TrainingState ReadState(string folder)
    {
        string path = Path.Combine(folder, StateFile);
        try
        {
            TrainingState? state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllBytes(path), Json);
            return state is { Version: 1, Step: > 0 }
                ? state
                : throw new BipeException($"'{path}' is not a training state this version reads; resume from another checkpoint.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            throw new BipeException($"Cannot read the training state '{path}': {e.Message} Resume from another checkpoint.", e);
        }
    }

    /// <summary>Gives a trainer the moments and the numbers of a checkpoint; its model must be the checkpoint's.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="trainer">The trainer.</param>
    /// <param name="state">Numbers of the checkpoint.</param>
    /// <exception cref="BipeException">The moments are missing or do not fit, or blocks have another length or other segments.</exception>
    public static void RestoreOptimizer(string folder, Trainer trainer, TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(state);
        state.RequireSameRows(folder, trainer);
        using SafetensorsSet tensors = SafetensorsSet.Open(Path.Combine(folder, OptimizerFile));
        foreach ((string name, Tensor tensor) in Moments(trainer))
        {
            if (!tensors.Entries.ContainsKey(name))
            {
                throw new BipeException($"{tensors.Path}: tensor '{name}' is missing; the checkpoint belongs to another model.");
            }

            HuggingFaceFolder.LoadTensor(trainer.Model.Backend, tensors, name, tensor);
        }

        trainer.Optimizer.StepCount = state.Step;
        trainer.GoesOnFrom = state;
    }

    private static string FolderOf(string output, TrainingState state) =>
        Path.Combine(output, Prefix + state.Step.ToString("D8", CultureInfo.InvariantCulture));

    private static void WriteState(string folder, TrainingState state) =>
        AtomicFile.WriteText(Path.Combine(folder, StateFile), JsonSerializer.Serialize(state, Json));

    private static IEnumerable<(string Name, Tensor Tensor)> Moments(Trainer trainer)
    {
        foreach (AdamWSlot slot in trainer.Optimizer.Slots)
        {
            foreach (var part in slot.Parameter.Parts)
            {
                yield return ($"exp_avg.{part.Name}", HuggingFaceFolder.PartOf(slot.FirstMoment, part));
                yield return ($"exp_avg_sq.{part.Name}", HuggingFaceFolder.PartOf(slot.SecondMoment, part));
            }
        }
    }

    /// <summary>Folders by their steps: names of more digits than others do not stand in the order of their characters.</summary>
    private static string[] All(string output) => Directory.Exists(output)
        ? [.. Directory.GetDirectories(output, Prefix + "*").Where(folder => StepOf(folder) is not null).OrderBy(StepOf)]
        : [];

    private static long? StepOf(string folder) =>
        long.TryParse(Path.GetFileName(folder)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;

    private static void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An old checkpoint that cannot be removed takes space, nothing else.
        }
    }
}
