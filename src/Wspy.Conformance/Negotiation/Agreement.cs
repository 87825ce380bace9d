namespace Wspy.Conformance.Negotiation;

/// <summary>What a server's answer to a list of offers comes to.</summary>
/// <param name="Deflate">What was agreed on of permessage-deflate, or <see langword="null"/>.</param>
/// <param name="Offer">Which offer of the list was taken, from 0 on.</param>
internal sealed record Agreement(DeflateParameters? Deflate, int Offer)
{
    public static Agreement None { get; } = new(null, -1);

    /// <summary>Judges an answer.</summary>
    /// <param name="offers">The offers in order; the invalid ones among them must be declined.</param>
    /// <param name="answer">The lines of the answer.</param>
    /// <param name="problem">Why it is none, or nothing.</param>
    public static Agreement? Judge(IReadOnlyList<ExtensionItem> offers, IReadOnlyList<string> answer, out string problem)
    {
        problem = "";
        if (answer.Count == 0)
        {
            return None;
        }

        if (ExtensionList.Parse(answer) is not { } items)
        {
            problem = $"the answer [{string.Join(" | ", answer)}] violates the grammar (RFC 6455 §9.1)";
            return null;
        }

        problem = items.FirstOrDefault(item => offers.All(offer => offer.Name != item.Name)) is { } stranger ? $"[{stranger}] was answered and not offered (RFC 6455 §9.1)"
            : items.FirstOrDefault(item => item.Name != DeflateParameters.Extension) is { } unknown ? $"[{unknown}] was agreed to, which does not exist"
            : items.Count > 1 ? $"[{string.Join(", ", items)}] was agreed to at once, and both claim RSV1 (RFC 7692 §5)"
            : "";
        return problem.Length > 0 ? null : Judge(offers, items[0], out problem);
    }

    private static Agreement? Judge(IReadOnlyList<ExtensionItem> offers, ExtensionItem answer, out string problem)
    {
        if (DeflateParameters.Read(answer, isAnswer: true, out problem) is not { } agreed)
        {
            problem = $"the answer has {problem}";
            return null;
        }

        for (int i = 0; i < offers.Count; i++)
        {
            if (offers[i].Name != DeflateParameters.Extension)
            {
                continue;
            }

            string? wrong = DeflateParameters.Read(offers[i], isAnswer: false, out string invalid) is { } offer ? agreed.ProblemAsAnswerTo(offer) : $"the offer must be declined for {invalid}";
            if (wrong is null)
            {
                problem = "";
                return new Agreement(agreed, i);
            }

            problem = problem.Length > 0 ? problem : $"[{answer}] is no answer to [{offers[i]}]: {wrong}";
        }

        return null;
    }
}
