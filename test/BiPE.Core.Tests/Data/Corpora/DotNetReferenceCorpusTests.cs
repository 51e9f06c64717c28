using BiPE.Core.Data.Corpora;
using BiPE.Core.Data.Corpora.DotNetReference;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class DotNetReferenceCorpusTests
{
    private const string Xml = """
        <?xml version="1.0" encoding="utf-8"?>
        <doc>
          <assembly><name>Sample</name></assembly>
          <members>
            <member name="T:Zoo.Cage`2">
              <summary>Holds <see cref="T:Zoo.Animal" /> things.
                See   <see cref="M:Zoo.Cage`2.Put(`0,System.Int32@)" />.</summary>
              <typeparam name="TKey">The key.</typeparam>
              <typeparam name="TValue">The value.</typeparam>
            </member>
            <member name="M:Zoo.Cage`2.#ctor(System.Collections.Generic.IDictionary{`0,System.Collections.Generic.List{`1[]}})">
              <summary>Fills a cage.</summary>
              <param name="source">Where from.</param>
              <exception cref="T:System.ArgumentException">
                <paramref name="source" /> is empty.

         -or-

         <paramref name="source" /> is <see langword="null" />.</exception>
            </member>
            <member name="M:Zoo.Cage`2.Put``1(`0,System.Int32@,``0[0:,0:],System.Byte*)">
              <summary>Puts.</summary>
              <typeparam name="TOther">Another.</typeparam>
              <param name="key">The key.</param>
              <param name="count">How many.</param>
              <param name="table">A table.</param>
              <param name="raw">Raw.</param>
              <returns>One of these values:

         <list type="table"><listheader><term> Value</term><description> Meaning</description></listheader><item><term> Less than zero</term><description><para>It is less.</para></description></item><item><term> Zero</term><description> It is <c>equal</c>.</description></item></list></returns>
            </member>
            <member name="M:Zoo.Cage`2.Put(`0)">
              <summary>Puts one.</summary>
              <param name="key">The key.</param>
            </member>
            <member name="M:Zoo.Cage`2.Put(`0,System.Boolean)">
              <summary>Puts one, perhaps.</summary>
              <param name="key">The key.</param>
              <param name="sure">Whether to.</param>
            </member>
            <member name="M:Zoo.Cage`2.op_Equality(Zoo.Cage{`0,`1},Zoo.Cage{`0,`1})">
              <summary>Compares.</summary>
              <param name="a">To be added.</param>
              <param name="b" />
            </member>
            <member name="M:Zoo.Cage`2.System#IDisposable#Dispose"><summary>Not shown.</summary></member>
            <member name="P:Zoo.Cage`2.Undocumented" />
            <member name="P:Zoo.Cage`2.Count"><summary>Gets the count.</summary><value>The count.</value></member>
            <member name="T:Zoo.Cage`2.Enumerator"><summary>Walks.</summary></member>
            <member name="T:Zoo.Silent" />
          </members>
        </doc>
        """;

    private const string Expected = """
        Cage<TKey, TValue> in Zoo
        Holds Animal things. See Cage<T1, T2>.Put.
        TKey: The key.
        TValue: The value.

        Cage(IDictionary<TKey, List<TValue[]>> source)
        Fills a cage.
        source: Where from.
        Throws ArgumentException: source is empty.
        Throws ArgumentException: source is null.

        Put<TOther>(TKey key, ref int count, TOther[,] table, byte* raw)
        Puts.
        TOther: Another.
        key: The key.
        count: How many.
        table: A table.
        raw: Raw.
        Returns: One of these values:
        Less than zero: It is less.
        Zero: It is equal.

        Put(TKey key)
        Puts one.
        key: The key.

        Put(TKey key, bool sure)
        Puts one, perhaps.
        sure: Whether to.

        operator Equality(Cage<TKey, TValue> a, Cage<TKey, TValue> b)
        Compares.

        Count
        Gets the count.
        Returns: The count.

        """;

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void AMemberIsAParagraphAndATypeADocument()
    {
        string file = _folder.Write("Sample.xml", Xml);
        var reading = new CorpusReading();

        Document[] documents = [.. DotNetReferenceCorpus.Open(_folder.Path).Read(reading)];

        Assert.That(documents.Select(document => document.Text), Is.EqualTo(new[] { Expected, "Enumerator in Zoo.Cage\nWalks.\n" }));
        Assert.That(documents[0] with { Text = "" }, Is.EqualTo(new Document("", "Sample", file, 5)));
        Assert.That(reading.BytesRead, Is.EqualTo(reading.TotalBytes).And.GreaterThan(0));
    }

    [Test]
    public void TheNewestPackIsTakenByNumberAndNotByLetters()
    {
        foreach (string version in new[] { "9.0.9", "10.0.2", "10.0.10", "10.0.11-empty" })
        {
            _folder.Write($"packs/Microsoft.NETCore.App.Ref/{version}/ref/net{version.Split('.')[0]}.0/readme.md", "");
        }

        _folder.Write("packs/Microsoft.NETCore.App.Ref/9.0.9/ref/net9.0/Sample.xml", Xml);
        _folder.Write("packs/Microsoft.NETCore.App.Ref/10.0.2/ref/net10.0/Sample.xml", Xml);
        string newest = _folder.Write("packs/Microsoft.NETCore.App.Ref/10.0.10/ref/net10.0/Sample.xml", Xml);

        Assert.That(DotNetReferenceCorpus.Find([_folder.At("none"), _folder.Path]).Name, Is.EqualTo(Path.GetDirectoryName(newest)));
    }

    [Test]
    public void WithoutAnSdkItAsksForText()
    {
        Assert.That(() => DotNetReferenceCorpus.Find([_folder.Path]), Throws.TypeOf<BipeException>().With.Message.Contains("no .NET SDK").And.Message.Contains("--data"));
        Assert.That(() => DotNetReferenceCorpus.Open(_folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains("--data"));
    }

    [Test]
    public void BrokenXmlIsNamed()
    {
        string file = _folder.Write("Sample.xml", Xml[..^30]);

        Assert.That(() => DotNetReferenceCorpus.Open(_folder.Path).Read(new CorpusReading()).Count(), Throws.TypeOf<BipeException>().With.Message.Contains(file));
    }

    [Test]
    public void TheInstalledDocumentationIsGoodText()
    {
        // Tests are built by an SDK, so its documentation stands beside the runtime that runs them.
        DotNetReferenceCorpus corpus = DotNetReferenceCorpus.Find();
        long characters = 0;
        long lines = 0;
        foreach (Document document in corpus.Read(new CorpusReading()))
        {
            Assert.That(document.Text, Does.Not.Contain("\n\n\n").And.Not.Contain("  ").And.Not.Contain("cref").And.EndsWith("\n"), document.Text[..Math.Min(80, document.Text.Length)]);
            Assert.That(document.SetName, Is.Not.EqualTo("System.Runtime.Intrinsics"));
            characters += document.Text.Length;
            lines += document.Text.AsSpan().Count('\n');
        }

        Assert.That(characters, Is.GreaterThan(5_000_000));
        Assert.That((double)characters / lines, Is.InRange(30, 120), "characters a line");
    }
}
