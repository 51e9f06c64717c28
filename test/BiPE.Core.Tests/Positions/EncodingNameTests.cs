using BiPE.Core.Positions;

namespace BiPE.Core.Tests.Positions;

public sealed class EncodingNameTests
{
    [TestCase("rope", "rope", "none", false)]
    [TestCase("bipe_alibi", "alibi", "learned", true)]
    [TestCase("bipe_rope+none", "rope", "none", true)]
    [TestCase("bipe_nope", "nope", "learned", true)]
    [TestCase("bipe_nope+none", "nope", "none", true)]
    [TestCase("nope", "nope", "none", false)]
    [TestCase("learned", "nope", "learned", false)]
    public void NamesHaveLevels(string name, string attention, string embedding, bool isBilevel)
    {
        EncodingName parsed = PositionEncodingRegistry.Parse(name, "test")!;
        Assert.That((parsed.Attention.Name, parsed.Embedding.Name, parsed.IsBilevel), Is.EqualTo((attention, embedding, isBilevel)));
        Assert.That(parsed.AttentionStream, Is.EqualTo(isBilevel ? PositionStream.Segment : PositionStream.Token));
        Assert.That(parsed.EmbeddingStream, Is.EqualTo(isBilevel ? PositionStream.Offset : PositionStream.Token));
    }

    [TestCase("bipe_rop", "did you mean bipe_rope?")]
    [TestCase("rope+learned", "did you mean bipe_rope+learned?")]
    [TestCase("bipe_learned", "did you mean bipe_nope+learned?")]
    [TestCase("bipe_rope+lerned", "unknown intra-segment level 'lerned'; known are")]
    [TestCase("bipe_rope+", "unknown intra-segment level ''")]
    [TestCase("none", "is unknown; known are")]
    [TestCase("", "is unknown; known are")]
    public void OtherNamesAreRefusedWithTheNearest(string name, string words) => Assert.That(
        () => PositionEncodingRegistry.Parse(name, "test"), Throws.TypeOf<BipeException>().With.Message.Contains(words));

    [Test]
    public void EveryListedNameParses() =>
        Assert.That(() => PositionEncodingRegistry.Names.Select(name => PositionEncodingRegistry.Parse(name, "test")).Count(), Throws.Nothing);

    [TestCase("bipe_mine")]
    [TestCase("mine+yours")]
    [TestCase("rope")]
    [TestCase("none")]
    public void NewEncodingsNeedAPlainNameOfTheirOwn(string name) => Assert.That(
        () => PositionEncodingRegistry.Add(new AttentionEncodingKind(name, "", "", _ => null)), Throws.ArgumentException);
}
