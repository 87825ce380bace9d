using Wspy.Conformance.Steps;

namespace Wspy.Conformance.Catalogue;

/// <summary>A server's answer, and what a client makes of it.</summary>
internal sealed partial class ExtensionSection
{
    private void Answers()
    {
        Group(39, "Valid answers", "An answer may have fewer parameters than the offer, and those of the server that were not asked for.", "RFC 7692 §7.1", PeerRole.Client);
        foreach (string parameters in (string[])[
            "", "; server_no_context_takeover", "; client_no_context_takeover", "; server_no_context_takeover; client_no_context_takeover",
            "; client_no_context_takeover; server_no_context_takeover", "; client_no_context_takeover; server_max_window_bits=12",
            "; server_max_window_bits=10; client_max_window_bits=12", "; client_max_window_bits=12; server_max_window_bits=10",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9",
        ])
        {
            Taken($"permessage-deflate{parameters}");
        }

        for (int bits = 8; bits <= 15; bits++)
        {
            Taken($"permessage-deflate; server_max_window_bits={bits}");
            Taken($"permessage-deflate; client_max_window_bits={bits}");
        }

        foreach (string answer in (string[])[
            "permessage-deflate;server_no_context_takeover;server_max_window_bits=10", "permessage-deflate ;  server_no_context_takeover", "permessage-deflate\t;\tserver_no_context_takeover",
            "permessage-deflate; server_max_window_bits = 10", "permessage-deflate; server_max_window_bits=\"10\"", "permessage-deflate; server_max_window_bits=\"1\\0\"",
            "permessage-deflate; client_max_window_bits=\"10\"", "permessage-deflate; server_max_window_bits= \"10\" ; client_no_context_takeover", ", permessage-deflate", "permessage-deflate,", ",, permessage-deflate ,,",
        ])
        {
            Taken(answer);
        }
    }

    private void WrongAnswers()
    {
        const string Rule = "RFC 6455 §9.1, RFC 7692 §7.1";
        Group(40, "Extensions that were not offered", "A client that offered permessage-deflate, and is answered something else, fails the connection.", "RFC 6455 §9.1", PeerRole.Client);
        foreach (string answer in (string[])["x-unknown", "x-unknown; a=1", "permessage-deflat", "permessage-deflate2", "permessage-deflate-extra", "x-permessage-deflate", "x-webkit-deflate-frame", "server_no_context_takeover", "permessage-deflate, x-unknown", "x-unknown, permessage-deflate"])
        {
            Refused(answer);
        }

        Refused(Plain, "x-unknown");
        Refused("x-unknown", Plain);

        Group(41, "Invalid parameters in the answer", "An answer with a parameter that is not defined, or has no valid value, fails the connection: who ignores it reads other windows than the server writes.", Rule, PeerRole.Client);
        foreach (string parameter in (string[])[.. BadParameters, "client_max_window_bits", "server_max_window_bits=\"16\"", "server_max_window_bits=1"])
        {
            Refused($"permessage-deflate; {parameter}");
        }

        foreach (string parameter in (string[])["unknown", "client_max_window_bits=16", "server_max_window_bits=abc", "server_no_context_takeover=1"])
        {
            Refused($"permessage-deflate; {parameter}; client_no_context_takeover");
            Refused($"permessage-deflate; client_no_context_takeover; {parameter}");
        }

        Group(42, "Repeated parameters in the answer", "An answer that says something twice fails the connection.", Rule, PeerRole.Client);
        foreach (string parameters in (string[])[
            "server_no_context_takeover; server_no_context_takeover", "client_no_context_takeover; client_no_context_takeover", "server_max_window_bits=10; server_max_window_bits=10",
            "server_max_window_bits=10; server_max_window_bits=11", "client_max_window_bits=10; client_max_window_bits=10", "client_max_window_bits=10; client_max_window_bits=11",
            "server_no_context_takeover; client_no_context_takeover; server_no_context_takeover",
        ])
        {
            Refused($"permessage-deflate; {parameters}");
        }

        Group(43, "Two answers", "Two extensions that claim RSV1 cannot be in use at once, not even the same one twice.", "RFC 6455 §9.1, RFC 7692 §5", PeerRole.Client);
        foreach ((string first, string second) in ((string, string)[])[(Plain, Plain), (Plain, NoTakeover), (NoTakeover, Plain), ("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=12")])
        {
            Refused($"{first}, {second}");
            Refused(first, second);
        }

        BeyondTheOffer();

        Group(45, "Malformed answers", "A header that violates the grammar fails the connection.", "RFC 6455 §9.1", PeerRole.Client);
        foreach (string answer in MalformedLists)
        {
            Refused(answer);
        }

        Refused(Plain, "; server_no_context_takeover");
        Refused(Plain, "x-unknown;");
        Refused("permessage-deflate; server_max_window_bits=\"1", "0\"");

        Group(46, "Answers in other case", "Whether names of extensions and parameters are compared by case is left open.", "RFC 7692 §7", PeerRole.Client);
        foreach (string answer in (string[])["Permessage-Deflate", "PERMESSAGE-DEFLATE", "permessage-deflate; Server_No_Context_Takeover", "permessage-deflate; SERVER_MAX_WINDOW_BITS=10"])
        {
            Answered(answer, _ => answer, new RefusalStep(Verdict.Informational, "took it as if it were in lower case"));
        }
    }

    private void BeyondTheOffer()
    {
        Group(44, "Answers beyond the offer", "What the client offered is a bound, and what it demanded is part of the answer.", "RFC 7692 §7.1", PeerRole.Client);
        for (int bits = 8; bits <= 15; bits++)
        {
            string answer = $"permessage-deflate; client_max_window_bits={bits}";
            Answered($"[{answer}] to an offer without client_max_window_bits", offer => offer.HasClientBits ? null : answer, new RefusalStep());
        }

        Answered("A window of the client's of one bit more than it offered", offer => offer.ClientBits is < 15 ? $"permessage-deflate; client_max_window_bits={offer.ClientBits + 1}{Demanded(offer)}" : null, new RefusalStep());
        Answered("A window of the server's of one bit more than the client offered", offer => offer.ServerBits is < 15 ? $"permessage-deflate; server_max_window_bits={offer.ServerBits + 1}{(offer.ServerNoContextTakeover ? "; server_no_context_takeover" : "")}" : null, new RefusalStep());
        Answered("No window of the server's, where the client offered one", offer => offer.ServerBits is null ? null : $"permessage-deflate{(offer.ServerNoContextTakeover ? "; server_no_context_takeover" : "")}", new RefusalStep());
        Answered("No server_no_context_takeover, where the client offered it", offer => offer.ServerNoContextTakeover ? $"permessage-deflate{(offer.ServerBits is { } bits ? $"; server_max_window_bits={bits}" : "")}" : null, new RefusalStep());

        // All that an answer must repeat, so that nothing else is wrong with it.
        static string Demanded(Negotiation.DeflateParameters offer) =>
            (offer.ServerBits is { } bits ? $"; server_max_window_bits={bits}" : "") + (offer.ServerNoContextTakeover ? "; server_no_context_takeover" : "");
    }

    /// <summary>The client goes on by the answer.</summary>
    private void Taken(string answer) => Deflated($"[{answer.Replace("\t", "<tab>", StringComparison.Ordinal)}]", answer).For(PeerRole.Client)
        .Then(DeflateText("Hello")).Expect(IsText("Hello")).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();

    /// <summary>The client gives up.</summary>
    private void Refused(params string[] lines) =>
        Case($"[{string.Join("] and [", lines)}]").Opening(Opening.ByHand).Then(new AnswerStep(_ => lines)).Then(new RefusalStep());

    private void Answered(string title, Func<Negotiation.DeflateParameters, string?> answer, RefusalStep refusal) =>
        Case(title).Opening(Opening.ByHand).Then(new AnswerStep(offer => answer(offer) is { } line ? [line] : null)).Then(refusal);
}
