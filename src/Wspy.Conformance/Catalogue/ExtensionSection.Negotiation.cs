using Wspy.Conformance.Steps;

namespace Wspy.Conformance.Catalogue;

/// <summary>The offer, and a server's answer.</summary>
internal sealed partial class ExtensionSection
{
    /// <summary>Invalid in an offer and in an answer.</summary>
    private static readonly string[] BadParameters =
    [
        "client_max_window_bits=16", "client_max_window_bits=7", "client_max_window_bits=0", "client_max_window_bits=1", "client_max_window_bits=08",
        "client_max_window_bits=010", "client_max_window_bits=abc", "client_max_window_bits=1e1", "client_max_window_bits=-9", "client_max_window_bits=+9",
        "client_max_window_bits=0xA", "client_max_window_bits=10.0", "client_max_window_bits=100", "client_max_window_bits=4294967306", "client_max_window_bits=\"16\"",
        "server_max_window_bits", "server_max_window_bits=16", "server_max_window_bits=7", "server_max_window_bits=0", "server_max_window_bits=09",
        "server_max_window_bits=015", "server_max_window_bits=abc", "server_max_window_bits=-10", "server_max_window_bits=+10", "server_max_window_bits=15a",
        "server_max_window_bits=256", "server_max_window_bits=18446744073709551626", "server_max_window_bits=\"7\"",
        "server_no_context_takeover=1", "server_no_context_takeover=true", "server_no_context_takeover=\"x\"", "client_no_context_takeover=1", "client_no_context_takeover=10",
        "unknown", "unknown=1", "unknown=\"quoted\"", "max_window_bits=10", "no_context_takeover", "Server_No_Context_Takeover=1",
    ];

    /// <summary>Not by the grammar of RFC 6455 §9.1.</summary>
    private static readonly string[] MalformedLists =
    [
        ";", "=", "permessage-deflate;", "permessage-deflate; ;server_no_context_takeover", "permessage-deflate;;", "; server_no_context_takeover", "permessage-deflate; =10",
        "permessage-deflate; server_max_window_bits=", "permessage-deflate; server_max_window_bits=; client_no_context_takeover", "permessage-deflate; server_max_window_bits==10",
        "permessage-deflate; server_max_window_bits=10=10", "permessage-deflate server_no_context_takeover", "permessage-deflate; server_max_window_bits 10",
        "permessage-deflate; server_max_window_bits=1 0", "\"permessage-deflate\"", "permessage-deflate; \"server_no_context_takeover\"", "permessage-deflate=1",
        "permessage-deflate; server_max_window_bits=\"10", "permessage-deflate; server_max_window_bits=10\"", "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; server_max_window_bits=\"1 0\"", "permessage-deflate; server_max_window_bits=\"10\"x", "permessage-deflate; a=\"b,c\"", "permessage-deflate; a=\"b;c\"",
        "permessage-deflate; a=\"\\\"\"", "permessage-deflate; a=(b)", "permessage/deflate", "permessage-deflate, @", "x[1]", "x{1}", "x?y", "x:y", "<x>", "x\\y",
        "permessage-défl", "x-unknown; naïve", "x-unknown; a=\u00ff", "permessage-deflate, x-unknown;", "x-unknown;, permessage-deflate", "permessage-deflate x-unknown",
    ];

    private void Offers()
    {
        Group(1, "Without an offer", "A server names no extension that was not offered, and takes no compressed message then.", "RFC 6455 §9.1", PeerRole.Server);
        Offer("No offer, no answer", OfferOutcome.Declined).Send(Ping("p")).Expect(IsPong("p")).Close();
        Offer("No offer, messages", OfferOutcome.Declined).Send(Text("Hello")).Expect(IsText("Hello")).Close();
        Offer("No offer, RSV1 on a text", OfferOutcome.Declined).Send(Compressed(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00)).ExpectFailure(1002);
        Offer("No offer, RSV1 on an empty message", OfferOutcome.Declined).Send(Compressed(0x00)).ExpectFailure(1002);
        Offer("Unknown extension, RSV1 on a text", OfferOutcome.Declined, "x-unknown").Send(Compressed(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00)).ExpectFailure(1002);

        Group(2, "Unknown extensions", "What a server does not know it declines.", "RFC 6455 §9.1", PeerRole.Server);
        foreach (string unknown in (string[])[
            "x-unknown", "x-unknown; a", "x-unknown; a=1; b=\"2\"", "x-unknown; server_max_window_bits=10", "permessage-snappy", "permessage-deflat", "permessage-deflate2",
            "permessage-deflate-extra; client_max_window_bits", "x-permessage-deflate", "deflate", "a, b, c", "!#$%&'*+-.^_`|~", "x-unknown, x-unknown",
            "permessage; deflate", "server_max_window_bits",
        ])
        {
            Declined(unknown);
        }

        Offer("A hundred unknown ones", OfferOutcome.Declined, string.Join(", ", Enumerable.Range(0, 100).Select(i => $"x-unknown-{i}; p{i}={i}"))).Send(Ping("p")).Expect(IsPong("p")).Close();

        Group(3, "Valid offers", "The answer has only what the offer allows, and what it demands.", "RFC 7692 §7.1", PeerRole.Server);
        foreach (string parameters in (string[])[
            "", "; server_no_context_takeover", "; client_no_context_takeover", "; client_max_window_bits",
            "; server_no_context_takeover; client_no_context_takeover", "; client_no_context_takeover; server_no_context_takeover",
            "; server_no_context_takeover; client_max_window_bits", "; client_max_window_bits; server_max_window_bits=10",
            "; server_max_window_bits=10; client_max_window_bits=12", "; client_max_window_bits=9; server_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9",
            "; client_max_window_bits; client_no_context_takeover; server_max_window_bits=15; server_no_context_takeover",
        ])
        {
            Agreed($"permessage-deflate{parameters}");
        }

        for (int bits = 8; bits <= 15; bits++)
        {
            Agreed($"permessage-deflate; server_max_window_bits={bits}");
            Agreed($"permessage-deflate; client_max_window_bits={bits}");
        }
    }

    private void BadOffers()
    {
        string[] repeated =
        [
            "server_no_context_takeover; server_no_context_takeover", "client_no_context_takeover; client_no_context_takeover", "client_max_window_bits; client_max_window_bits",
            "client_max_window_bits=10; client_max_window_bits=10", "client_max_window_bits; client_max_window_bits=10", "server_max_window_bits=10; server_max_window_bits=10",
            "server_max_window_bits=10; server_max_window_bits=11", "server_no_context_takeover; client_max_window_bits; server_no_context_takeover",
        ];

        Group(4, "Invalid parameters", "An offer with a parameter that is not defined, or has no valid value, is declined: who ignores the parameter agrees to something else than the client.", "RFC 7692 §7.1", PeerRole.Server);
        foreach (string parameter in BadParameters)
        {
            Declined($"permessage-deflate; {parameter}");
        }

        Group(5, "Repeated parameters", "An offer that says something twice is declined.", "RFC 7692 §7.1", PeerRole.Server);
        foreach (string parameters in repeated)
        {
            Declined($"permessage-deflate; {parameters}");
        }

        Group(6, "Invalid parameters among valid ones", "One invalid parameter spoils the offer, wherever it stands.", "RFC 7692 §7.1", PeerRole.Server);
        foreach (string parameter in (string[])["unknown", "client_max_window_bits=16", "server_max_window_bits=abc", "server_no_context_takeover=1"])
        {
            Declined($"permessage-deflate; {parameter}; client_no_context_takeover");
            Declined($"permessage-deflate; client_no_context_takeover; {parameter}");
        }

        Group(7, "An invalid offer before a valid one", "What is declined does not spoil the offers after it.", "RFC 7692 §5.1", PeerRole.Server);
        foreach (string parameters in (string[])["client_max_window_bits=16", "server_max_window_bits=7", "unknown", "unknown=1", "server_no_context_takeover=1", "client_max_window_bits; client_max_window_bits", "server_max_window_bits"])
        {
            Fallback($"permessage-deflate; {parameters}", "permessage-deflate; server_no_context_takeover");
        }

        Fallback("x-unknown", "permessage-deflate; server_no_context_takeover");
        Fallback("x-unknown; a=\"1\"; b, permessage-deflat", "permessage-deflate; server_no_context_takeover");
    }

    private void Lists()
    {
        Group(8, "Several offers", "The offers stand in the order in which the client prefers them; a server agrees to one, and never to two.", "RFC 7692 §5.1", PeerRole.Server);
        foreach ((string first, string second) in ((string, string)[])[
            (NoTakeover, Plain), ("permessage-deflate; server_max_window_bits=10", Plain), (Plain, NoTakeover), (Plain, Plain),
            ("permessage-deflate; server_max_window_bits=8", Plain), ("permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits"),
            ("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_max_window_bits=12"),
        ])
        {
            Offer($"[{first}, {second}]", OfferOutcome.Agreed, $"{first}, {second}", 0).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();
            Offer($"[{first}] and [{second}] in lines of their own", OfferOutcome.Agreed, [first, second], 0, $"{first}, {second}").Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();
        }

        Offer("Fifty offers, all valid", OfferOutcome.Agreed, string.Join(", ", Enumerable.Range(0, 50).Select(i => $"permessage-deflate; server_max_window_bits={9 + (i % 7)}")), 0).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();
        Offer("Unknown ones in lines before and after", OfferOutcome.Agreed, ["x-unknown; a", Plain, "y-unknown"], 1, Plain).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();

        Group(9, "Ways to write the same", "Whitespace, quotes and empty elements of the list change nothing.", "RFC 6455 §9.1", PeerRole.Server);
        foreach ((string offer, string twin) in ((string, string)[])[
            ("permessage-deflate;server_no_context_takeover;client_max_window_bits=10", "permessage-deflate; server_no_context_takeover; client_max_window_bits=10"),
            ("  permessage-deflate  ", Plain), ("permessage-deflate ;  server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
            ("permessage-deflate\t;\tserver_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
            ("permessage-deflate; client_max_window_bits = 10", "permessage-deflate; client_max_window_bits=10"),
            ("permessage-deflate; client_max_window_bits=\"10\"", "permessage-deflate; client_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=\"10\"", "permessage-deflate; server_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=\"1\\0\"", "permessage-deflate; server_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits= \"10\" ; client_no_context_takeover", "permessage-deflate; server_max_window_bits=10; client_no_context_takeover"),
            (", permessage-deflate", Plain), ("permessage-deflate,", Plain), (",,x-unknown,, permessage-deflate ,,", Plain), ("x-unknown,permessage-deflate", Plain),
            ("x-unknown; a=\"b\", permessage-deflate", Plain),
        ])
        {
            Offer($"[{offer.Replace("\t", "<tab>", StringComparison.Ordinal)}]", OfferOutcome.Agreed, [offer], null, twin).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();
        }
    }

    private void Grammar()
    {
        Group(10, "Malformed headers", "A header that violates the grammar fails the connection.", "RFC 6455 §9.1", PeerRole.Server);
        foreach (string offer in MalformedLists)
        {
            Offer($"[{offer}]", OfferOutcome.Refused, offer);
        }

        Offer("A valid line, then a malformed one", OfferOutcome.Refused, Plain, "x-unknown;");
        Offer("A malformed line, then a valid one", OfferOutcome.Refused, "permessage-deflate;", Plain);
        Offer("A quoted string over two lines", OfferOutcome.Refused, "permessage-deflate; a=\"b", "c\"");
        Offer("A parameter on a line of its own", OfferOutcome.Refused, Plain, "; server_no_context_takeover");

        Group(11, "Empty lists", "A list has an element at least; some take an empty one for no offer.", "RFC 6455 §9.1", PeerRole.Server);
        foreach (string[] lines in (string[][])[[""], [","], [", ,"], ["", ""]])
        {
            Offer($"[{string.Join(" | ", lines)}]", OfferOutcome.RefusedOrDeclined, lines).Send(Ping("p")).Expect(IsPong("p")).Close();
        }

        Group(12, "Other case", "Whether names of extensions and parameters are compared by case is left open; a server that agrees answers rightly.", "RFC 7692 §7", PeerRole.Server);
        foreach (string offer in (string[])["Permessage-Deflate", "PERMESSAGE-DEFLATE", "permessage-deflate; Server_No_Context_Takeover", "permessage-deflate; CLIENT_MAX_WINDOW_BITS=10"])
        {
            Case($"[{offer}]").For(PeerRole.Server).Opening(Opening.ByHand).Then(new OfferStep([offer], OfferOutcome.Either)).Send(Ping("p")).Expect(IsPong("p")).Close();
        }
    }

    private CaseBuilder Offer(string title, OfferOutcome outcome, string line, int best) => Offer(title, outcome, [line], best, null);

    private CaseBuilder Offer(string title, OfferOutcome outcome, string[] lines, int? best, string? twin) =>
        Case(title).For(PeerRole.Server).Opening(Opening.ByHand).Then(new OfferStep(lines, outcome) { Best = best, Twin = twin });

    private void Declined(string offer) => Offer($"[{offer}]", OfferOutcome.Declined, offer).Send(Ping("p")).Expect(IsPong("p")).Close();

    private void Agreed(string offer) => Offer($"[{offer}]", OfferOutcome.Agreed, offer).Then(DeflateText("Hello")).Expect(IsText("Hello")).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();

    private void Fallback(string first, string second)
    {
        Offer($"[{first}, {second}]", OfferOutcome.Agreed, [$"{first}, {second}"], null, second).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();
        Offer($"[{first}] and [{second}] in lines of their own", OfferOutcome.Agreed, [first, second], null, second).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();
    }
}
