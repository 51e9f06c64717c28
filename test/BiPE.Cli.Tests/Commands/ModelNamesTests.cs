using BiPE.Cli.Commands;

namespace BiPE.Cli.Tests.Commands;

internal sealed class ModelNamesTests
{
    [TestCase("runs/m", "m")]
    [TestCase("runs/m/", "m")]
    [TestCase("m (yarn 8)", "m (yarn 8)")]
    [TestCase("m (separators m/tokens=newline)", "m (separators m/tokens=newline)")]
    [TestCase("runs/m (yarn 8, separators my (best)/tokens=newline)", "m (yarn 8, separators my (best)/tokens=newline)")]
    [TestCase("runs (old)/m", "m")]
    [TestCase("runs (old)/m (yarn 8)", "m (yarn 8)")]
    [TestCase("runs/m (copy)", "m (copy)")]
    [TestCase("runs/m(1)", "m(1)")]
    [TestCase("runs/m)", "m)")]
    public void WhatStandsInBracketsBehindAFolderIsNoPartOfItsPath(string name, string own) =>
        Assert.That(ModelNames.OwnName(name), Is.EqualTo(own));
}
