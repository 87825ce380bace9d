using CsCheck;
using Wspy.Extensions;

namespace Wspy.Tests.Extensions;

public class ExtensionAgreementTests
{
    // RFC 6455 §9.1: a server chooses

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a, b", "a, b")]
    [InlineData("b, a", "b, a")]
    [InlineData("unknown", "")]
    [InlineData("A", "")]
    [InlineData("unknown; a, b; x=1", "b; x=1")]
    [InlineData("a; no, a; yes, a", "a; yes")]
    [InlineData("a; x, a; y", "a; x")]
    [InlineData("a; no", "")]
    [InlineData("a, c", "a")]
    [InlineData("c, a", "c")]
    [InlineData("a; no, c", "c")]
    [InlineData("b, d", "b")]
    [InlineData("d, b, a", "d, a")]
    public void Each_offer_in_order_is_taken_unless_declined_repeated_or_in_the_way_RFC6455_9_1(string offers, string chosen)
    {
        ExtensionAgreement agreement = ExtensionAgreement.Choose(Parse(offers), Known());

        Assert.Equal(chosen, ExtensionHeader.Format(agreement.Answers));
        Assert.Equal(agreement.Answers.Select(answer => answer.Name), agreement.Instances.Select(instance => instance.Extension.Name));
    }

    [Fact]
    public void An_extension_that_throws_leaves_nothing_behind()
    {
        var good = new TestExtension("a");

        Assert.Throws<InvalidOperationException>(() => ExtensionAgreement.Choose(Parse("a, bad"), [good, new Throwing()]));
        Assert.True(Assert.Single(good.Instances).IsDisposed);
        Assert.Throws<InvalidOperationException>(() => ExtensionAgreement.Confirm(Parse("a, bad"), [good, new Throwing()], out _));
        Assert.All(good.Instances, instance => Assert.True(instance.IsDisposed));
    }

    // RFC 6455 §4.1, §9.1: a client judges the answer

    [Theory]
    [InlineData("", "None")]
    [InlineData("a", "None")]
    [InlineData("b; x, a", "None")]
    [InlineData("unknown", "NotOffered")]
    [InlineData("a, unknown", "NotOffered")]
    [InlineData("A", "NotOffered")]
    [InlineData("a; no", "Parameters")]
    [InlineData("a, a", "Conflict")]
    [InlineData("a, b, c", "Conflict")]
    [InlineData("b, d", "Conflict")]
    public void The_answer_must_be_one_to_the_offer_RFC6455_9_1(string answer, string expected)
    {
        List<TestExtension> known = Known();
        ExtensionAgreement? agreement = ExtensionAgreement.Confirm(answer.Length == 0 ? [] : Parse(answer), known, out ExtensionRefusal refusal);

        Assert.Equal(expected, refusal.ToString());
        Assert.Equal(refusal == ExtensionRefusal.None, agreement is not null);
        Assert.All(known.SelectMany(extension => extension.Instances), instance => Assert.Equal(agreement is null, instance.IsDisposed));
        Assert.Equal(agreement is null ? "" : answer, ExtensionHeader.Format(agreement?.Answers ?? []));
    }

    [Fact]
    public void Of_two_extensions_of_a_name_the_first_that_fits_takes_offer_and_answer()
    {
        var small = new DeflateMessage(new DeflateMessageOptions { ServerMaxWindowBits = 9 });
        var large = new DeflateMessage();

        ExtensionAgreement? agreement = ExtensionAgreement.Confirm(Parse("permessage-deflate"), [small, large], out _);
        Assert.Same(large, Assert.Single(agreement!.Instances).Extension);
        agreement = ExtensionAgreement.Confirm(Parse("permessage-deflate; server_max_window_bits=9"), [small, large], out _);
        Assert.Same(small, Assert.Single(agreement!.Instances).Extension);
    }

    [Fact]
    public void Whatever_is_offered_and_answered_no_claim_has_two_owners() =>
        Gen.Select(Gen.Char["abcdx"], Gen.Bool).Array[1, 8].Sample(list =>
        {
            List<ExtensionOffer> offers = [.. list.Select(one => new ExtensionOffer(one.Item1.ToString(), new ReadOnlySpan<ExtensionParameter>(one.Item2 ? [new ExtensionParameter("no")] : [])))];
            ExtensionAgreement chosen = ExtensionAgreement.Choose(offers, Known());
            Check(chosen);
            ExtensionAgreement? confirmed = ExtensionAgreement.Confirm(offers, Known(), out ExtensionRefusal refusal);
            Assert.Equal(confirmed is null, refusal != ExtensionRefusal.None);
            if (confirmed is not null)
            {
                Check(confirmed);
                Assert.Equal(offers.Count, confirmed.Instances.Count);
            }

            // What a server chooses a client confirms.
            Assert.NotNull(ExtensionAgreement.Confirm(chosen.Answers, Known(), out _));

            static void Check(ExtensionAgreement agreement)
            {
                List<Extension> owners = [.. agreement.Instances.Select(instance => instance.Extension)];
                Assert.Equal(owners.Count, owners.Distinct().Count());
                Assert.False(owners.Exists(one => owners.Exists(other => one != other && one.ConflictsWith(other))));
            }
        });

    private static IReadOnlyList<ExtensionOffer> Parse(string header)
    {
        Assert.True(ExtensionHeader.TryParse([header], out IReadOnlyList<ExtensionOffer> offers));
        return offers;
    }

    /// <summary>Of which a and c share a bit, and b and d an opcode.</summary>
    private static List<TestExtension> Known() =>
    [
        new("a", ReservedBits.Rsv1), new("b", ReservedBits.Rsv2, (Opcode)3), new("c", ReservedBits.Rsv1 | ReservedBits.Rsv3), new("d", ReservedBits.None, (Opcode)3, (Opcode)11),
    ];

    private sealed class Throwing : Extension
    {
        public override string Name => "bad";

        public override IReadOnlyList<ExtensionOffer> CreateOffers() => [new ExtensionOffer("bad")];

        public override ExtensionAcceptance? Accept(ExtensionOffer offer) => throw new InvalidOperationException("bad");

        public override ExtensionInstance? Confirm(ExtensionOffer answer) => throw new InvalidOperationException("bad");
    }
}
