using System.Text;
using Wspy.Extensions;

namespace Wspy.Tests.Fuzz;

/// <summary>
/// Offers and answers in <c>Sec-WebSocket-Extensions</c>, from seeds and altered at random, through the negotiation of both roles (RFC 6455 §9.1).
/// Nothing ever throws: an offer is taken or declined, an answer confirmed or refused; and what comes of it keeps to the rules.
/// </summary>
public class ExtensionHeaderFuzzTests
{
    private static readonly byte[][] Seeds = [.. Mutations.Lines("extension-headers.txt").Select(Encoding.Latin1.GetBytes)];

    private static readonly Extension[][] Lists =
    [
        [new DeflateMessage()],
        [new DeflateMessage(new DeflateMessageOptions { ServerContextTakeover = false, ClientMaxWindowBits = 9 }), new DeflateFrame()],
        [new DeflateFrame(new DeflateFrameOptions { ContextTakeover = false }), new DeflateMessage(new DeflateMessageOptions { ServerMaxWindowBits = 8 })],
    ];

    [Fact]
    public void A_server_takes_or_declines_and_answers_within_the_offer_RFC7692_7_1()
    {
        int taken = 0, malformed = 0;
        foreach (byte[] header in Mutations.Of(Seeds, seed: 1))
        {
            if (!ExtensionHeader.TryParse([Encoding.Latin1.GetString(header)], out IReadOnlyList<ExtensionOffer> offers))
            {
                malformed++;
                continue;
            }

            foreach (Extension[] extensions in Lists)
            {
                ExtensionAgreement agreement = ExtensionAgreement.Choose(offers, extensions);
                Assert.Equal(agreement.Answers.Count, agreement.Instances.Count);
                Assert.Equal(agreement.Answers.Count, agreement.Answers.Select(answer => answer.Name).Distinct().Count());
                foreach (ExtensionOffer answer in agreement.Answers)
                {
                    taken++;
                    Assert.Contains(offers, offer => offer.Name == answer.Name && Fits(offer, answer));
                }

                MustBeReadBack(agreement.Answers);
                agreement.Dispose();
            }
        }

        Assert.True(taken > Seeds.Length && malformed > Seeds.Length, $"{taken} were taken, {malformed} malformed: these seeds prove little.");
    }

    [Fact]
    public void A_client_confirms_or_refuses_and_takes_nothing_that_it_did_not_offer_RFC6455_9_1()
    {
        int confirmed = 0, refused = 0;
        foreach (byte[] header in Mutations.Of(Seeds, seed: 2))
        {
            if (!ExtensionHeader.TryParse([Encoding.Latin1.GetString(header)], out IReadOnlyList<ExtensionOffer> answers))
            {
                continue;
            }

            foreach (Extension[] extensions in Lists)
            {
                ExtensionAgreement? result = ExtensionAgreement.Confirm(answers, extensions, out ExtensionRefusal refusal);
                Assert.Equal(result is null, refusal != ExtensionRefusal.None);
                if (result is null)
                {
                    refused++;
                    continue;
                }

                confirmed++;
                string[] offered = [.. extensions.SelectMany(extension => extension.CreateOffers()).Select(offer => offer.Name)];
                Assert.All(result.Answers, answer => Assert.Contains(answer.Name, offered));
                Assert.All(result.Answers, answer => Assert.Equal(answer.Parameters.Count, answer.Parameters.Select(parameter => parameter.Name).Distinct().Count()));
                foreach (DeflateInstance instance in result.Instances.Cast<DeflateInstance>())
                {
                    Assert.InRange(instance.Terms.WindowBits, 8, 15);
                    Assert.InRange(instance.Terms.PeerWindowBits, 8, 15);
                }

                MustBeReadBack(result.Answers);
                result.Dispose();
            }
        }

        Assert.True(confirmed > 10 && refused > Seeds.Length, $"{confirmed} were confirmed, {refused} refused: these seeds prove little.");
    }

    // HARDENING: parse time of hostile values. By what is read and made, not by the clock, which load can break.
    [Theory]
    [InlineData("permessage-deflate; a=\"", "\\a", "\"")]
    [InlineData("permessage-deflate", "; a", "")]
    [InlineData("permessage-deflate; a", " ", "")]
    [InlineData("a", ", a", "")]
    [InlineData(",", ",", "a")]
    [InlineData("permessage-deflate; a=\"", "\\\\", "")]
    public void Hostile_values_cost_in_proportion_to_their_length(string start, string repeated, string end)
    {
        long once = Cost(2000), often = Cost(32_000);
        Assert.InRange(often, 0, Math.Max(once, 2000) * 16 * 3 / 2);

        long Cost(int times)
        {
            string value = start + string.Concat(Enumerable.Repeat(repeated, times)) + end;
            long before = GC.GetAllocatedBytesForCurrentThread();
            if (ExtensionHeader.TryParse([value], out IReadOnlyList<ExtensionOffer> offers))
            {
                ExtensionAgreement.Choose(offers, Lists[0]).Dispose();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    // RFC 7692 §7.1: no larger window than was asked for, no context where none was wanted, no limit for a client that cannot be limited.
    private static bool Fits(ExtensionOffer offer, ExtensionOffer answer) =>
        (!Has(offer, "server_no_context_takeover") || Has(answer, "server_no_context_takeover"))
        && (!Has(offer, "client_no_context_takeover") || Has(answer, "client_no_context_takeover"))
        && (!Has(answer, "client_max_window_bits") || Has(offer, "client_max_window_bits"))
        && NoMore(offer, answer, "server_max_window_bits") && NoMore(offer, answer, "client_max_window_bits")
        && answer.Parameters.All(parameter => parameter.Value is null || int.Parse(parameter.Value, System.Globalization.CultureInfo.InvariantCulture) is >= 8 and <= 15);

    private static bool Has(ExtensionOffer offer, string name) => offer.Parameters.Any(parameter => parameter.Name == name);

    private static bool NoMore(ExtensionOffer offer, ExtensionOffer answer, string name) => Value(answer, name) <= Value(offer, name);

    private static int Value(ExtensionOffer offer, string name) =>
        int.TryParse(offer.Parameters.FirstOrDefault(parameter => parameter.Name == name).Value, out int bits) ? bits : 15;

    private static void MustBeReadBack(IReadOnlyList<ExtensionOffer> answers)
    {
        if (answers.Count > 0)
        {
            string text = ExtensionHeader.Format(answers);
            Assert.True(ExtensionHeader.TryParse([text], out IReadOnlyList<ExtensionOffer> again));
            Assert.Equal(text, ExtensionHeader.Format(again));
        }
    }
}
