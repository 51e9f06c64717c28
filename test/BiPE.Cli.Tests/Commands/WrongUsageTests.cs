namespace BiPE.Cli.Tests.Commands;

internal sealed class WrongUsageTests : CommandTests
{
    [TestCase("", "'bipe --help'")]
    [TestCase("evaluate", "evaluate", "'bipe --help'")]
    [TestCase("data", "'bipe data --help'")]
    [TestCase("info --fast", "--fast", "'bipe info --help'")]
    [TestCase("info --json a b", "b")]
    [TestCase("eval --model m --data d", "--block-size", "'bipe eval --help'")]
    [TestCase("eval --model m --data d --block-size 1024,x", "1024,x", "separated by commas")]
    [TestCase("eval --model m --data d --block-size 1", "at least 2")]
    [TestCase("eval --model m --data d --block-size 64 --protocol fair", "fair", "exact")]
    [TestCase("eval --model m --data d --block-size 64 --max-tokens -5", "--max-tokens", "at least 2")]
    [TestCase("eval --model m --data d --block-size 64 --stride 8", "--stride", "--protocol sliding")]
    [TestCase("eval --model m --data d --block-size 64 --protocol sliding --last 8", "--last", "--protocol last")]
    [TestCase("eval --model m --data d --block-size 64 --protocol reference --within-documents", "exclude each other")]
    [TestCase("compare", "'bipe compare --help'")]
    [TestCase("eval --model m --data d --block-size 64 --backend tpu", "tpu", "cuda")]
    [TestCase("eval --model m --data d --block-size 64 --threads 0", "--threads", "1 .. 1024")]
    [TestCase("eval --model m --data d --block-size 64 --threads", "--threads")]
    [TestCase("score --model m", "--ids", "--text")]
    [TestCase("score --model m --ids a --text b", "exclude each other")]
    [TestCase("train --data d --output o", "--config", "--model")]
    [TestCase("train --config c --model m --data d --output o", "--config", "--model")]
    [TestCase("train --config c --output o", "--data")]
    [TestCase("train --config c --data d", "--output")]
    [TestCase("train --output o --resume --config c", "--config")]
    [TestCase("train --output o --resume --separators 1", "--separators")]
    [TestCase("train --config c --data d --output o --eval-every 5", "--eval-every", "--eval-data")]
    [TestCase("train --config c --data d --output o --eval-max-tokens 5", "--eval-max-tokens", "--eval-data")]
    [TestCase("train --config c --data d --output o --max-steps 0", "--max-steps", "at least 1")]
    [TestCase("train --config c --data d --output o --batch-size -2", "--batch-size", "-2")]
    [TestCase("train --config c --data d --output o --learning-rate 0,1", "0,1", "at least 0")]
    [TestCase("train --config c --data d --output o --learning-rate NaN", "NaN")]
    [TestCase("train --config c --data d --output o --weight-decay", "--weight-decay")]
    [TestCase("train --config c --data d --output o --schedule linear", "linear", "cosine")]
    [TestCase("train --config c --data d --output o --seed x", "--seed", "x")]
    [TestCase("train --output o --resume --set pg19 --split train --min-length 5", "leave --set, --min-length, --split out")]
    [TestCase("train --output o --resume --broken-lines refuse", "leave --broken-lines out")]
    [TestCase("train --output o --resume --dotnet-docs", "leave --dotnet-docs out")]
    [TestCase("eval --model m --data d --block-size 16 --block-size 32", "'--block-size'", "2 were provided")]
    [TestCase("eval --model m --data d --block-size 16 --threads 1 --threads 2", "'--threads'", "2 were provided")]
    [TestCase("data inspect --data d --block-size 16 --block-size 32", "'--block-size'", "2 were provided")]
    [TestCase("data tokenize --data d --tokenizer bytes --output o --split test --split-shares 0.8,0.1,0.1 --split-shares 0.9,0.1,0", "'--split-shares'", "2 were provided")]
    [TestCase("train --config c --data d --output o --weights 1 --weights 2", "'--weights'", "2 were provided")]
    [TestCase("train --config c --config d --data d --output o", "'--config'", "2 were provided")]
    [TestCase("bench --threads 1 --threads 2", "'--threads'", "2 were provided")]
    [TestCase("bench --config tiny --threads 1 --threads 2", "'--threads'", "2 were provided")]
    [TestCase("bench --config tiny --threads x", "--threads is 'x'", "1 .. 1024")]
    [TestCase("bench --config tiny --block-size 16 --block-size 32", "'--block-size'", "2 were provided")]
    [TestCase("bench --config tiny --step eval --block-size 16 --block-size 32", "'--block-size'", "2 were provided")]
    [TestCase("bench --config tiny --step train --step eval --batch-size 4", "'--step'", "2 were provided")]
    [TestCase("study --encodings rope --encodings nonsense --data d --output o", "'--encodings'", "2 were provided")]
    [TestCase("study --encodings rope --data d --output o --eval-lengths 32 --eval-lengths 64", "'--eval-lengths'", "2 were provided")]
    [TestCase("study --encodings , --data d --output o", "--encodings is ','", "separated by commas")]
    [TestCase("quickstart --minutes 0", "--minutes", "0.001 .. 10000")]
    [TestCase("quickstart --minutes soon", "--minutes", "soon")]
    public void OneSentenceSaysWhatIsWrongAndWhereHelpIs(string arguments, params string[] parts) =>
        Bipe.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).RequireError(2, parts);

    [TestCase("--json has an empty value, expected FILE", "info --json =")]
    [TestCase("--config has", "plan --config =")]
    [TestCase("--text has", "data segments --text =")]
    [TestCase("--data has an empty value, expected PATH", "data tokenize --tokenizer bytes --output o --data d =")]
    [TestCase("--results has", "eval --model m --data d --block-size 16 --results =")]
    [TestCase("--model has", "eval --data d --block-size 16 --model =")]
    [TestCase("--output has", "train --config c --data d --output =")]
    [TestCase("--profile has", "train --config c --data d --output o --profile =")]
    [TestCase("FILE has an empty value", "compare a =")]
    [TestCase("--encodings has", "study --data d --output o --encodings =")]
    public void AnEmptyValueIsRefused(string part, string arguments) =>
        Bipe.Run(arguments.Split(' ').Select(word => word == "=" ? "" : word)).RequireError(2, part, "a variable is not set");

    [TestCase("--results names", "eval --model m --data d --block-size 16 --results r.jsonl --json r.jsonl")]
    [TestCase("--results names", "eval --model m --data d --block-size 16 --results r.jsonl --csv ./r.jsonl")]
    [TestCase("--json names", "eval --model m --data d --block-size 16 --csv r --json r")]
    [TestCase("'r.positions.csv', which --json names", "eval --model m --data d --block-size 16 --csv r --json r.positions.csv")]
    [TestCase("--data names", "eval --model m --data a=b.jsonl --block-size 16 --json b.jsonl")]
    [TestCase("FILE names", "compare a.jsonl b.jsonl --json ../HERE/b.jsonl")]
    [TestCase("--text names", "data segments --text t.txt --json t.txt")]
    [TestCase("--config names", "train --config c.json --data d --output o --profile c.json")]
    public void ATargetThatTheCommandLineNamesForSomethingElseIsRefused(string part, string arguments)
    {
        string here = Path.GetFileName(Directory.GetCurrentDirectory());
        Bipe.Run(arguments.Replace("HERE", here, StringComparison.Ordinal).Split(' ')).RequireError(2, "would replace", part, "another file");
    }

    [TestCase("inspect --model HERE --json HERE/config.json")]
    [TestCase("data inspect --data HERE --json HERE/index.json")]
    [TestCase("data inspect --data x=HERE --tokenizer bytes --json HERE/sub/a.jsonl")]
    [TestCase("eval --model HERE --data d --block-size 16 --csv HERE/model.safetensors")]
    public void ATargetThatBelongsToAFolderOfTheCommandLineIsRefused(string arguments)
    {
        string file = PathOf(arguments.Split("HERE/")[^1]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "mine");
        string here = Path.GetDirectoryName(PathOf("x"))!;
        Bipe.Run(arguments.Replace("HERE", here, StringComparison.Ordinal).Split(' ')).RequireError(2, "would replace", "belongs to the folder", "another file");
        Assert.That(File.ReadAllText(file), Is.EqualTo("mine"));
    }

    [Test]
    public void StackTracesAreShownOnlyWhenAskedFor()
    {
        BipeOutcome outcome = BipeProcess.Run("data", "inspect", "--data", PathOf("missing"), "--debug");

        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain("   at "));
    }
}
