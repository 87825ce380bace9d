using System.Text;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Negotiation;
using Wspy.Conformance.Wire;
using Wspy.Handshake;

namespace Wspy.Conformance.Steps;

/// <summary>What a strict server does with an offer.</summary>
internal enum OfferOutcome
{
    /// <summary>It agrees, or declines because it has no such extension; then the case is unsupported.</summary>
    Agreed,

    /// <summary>It accepts the connection without an extension.</summary>
    Declined,

    /// <summary>It refuses the connection, for the header violates the grammar.</summary>
    Refused,

    /// <summary>It refuses the connection, or takes it for no offer: nothing is said of a header with an empty list.</summary>
    RefusedOrDeclined,

    /// <summary>It agrees or declines; if it agrees, it is to the offer with its names in lower case.</summary>
    Either,
}

/// <summary>Offers extensions to a server in an opening handshake of its own, and judges the answer.</summary>
/// <param name="Lines">The values of the header lines.</param>
/// <param name="Outcome">What is right.</param>
internal sealed record OfferStep(IReadOnlyList<string> Lines, OfferOutcome Outcome) : Step
{
    /// <summary>An offer that means the same: a server that agrees to that one and not to this has not understood it.</summary>
    public string? Twin { get; init; }

    /// <summary>Which offer of the list is the one to be agreed to, from 0 on.</summary>
    public int? Best { get; init; }

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        WireEvent? answer = await AskAsync(run, Lines, cancellationToken).ConfigureAwait(false);
        if (answer is not ResponseEvent { Head: { } head })
        {
            bool refusal = Outcome is OfferOutcome.Refused or OfferOutcome.RefusedOrDeclined && answer is EndEvent;
            run.Note(refusal ? Verdict.NonStrict : Verdict.Failed, $"expected {this}; got {(answer is null ? "no answer" : answer)}");
            run.Ended = true;
        }
        else if (head.StatusCode != 101)
        {
            run.Ended = true;
            Verdict worth = Outcome switch
            {
                OfferOutcome.Refused or OfferOutcome.RefusedOrDeclined => head.StatusCode is >= 400 and < 500 ? Verdict.Passed : Verdict.NonStrict,
                OfferOutcome.Declined or OfferOutcome.Either => Verdict.NonStrict,
                _ => Verdict.Failed,
            };
            run.Note(worth, worth == Verdict.Passed ? "" : $"expected {this}; got {answer}");
        }
        else
        {
            await JudgeAsync(run, head.Headers.GetValues("Sec-WebSocket-Extensions"), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task JudgeAsync(CaseRun run, IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        if (Outcome is OfferOutcome.Refused)
        {
            throw new CaseFailedException($"expected {this}; the server accepted the connection {(lines.Count == 0 ? "without an extension" : $"with [{string.Join(" | ", lines)}]")}");
        }

        IReadOnlyList<ExtensionItem> offers = ExtensionList.Parse(Outcome == OfferOutcome.Either ? [.. Lines.Select(line => line.ToLowerInvariant())] : Lines) ?? [];
        Agreement agreement = Agreement.Judge(offers, lines, out string problem) ?? throw new CaseFailedException(problem);
        if (agreement.Deflate is { } agreed)
        {
            run.Deflate = new DeflateConversation(agreed, run.Role);
            if (Outcome is not (OfferOutcome.Agreed or OfferOutcome.Either))
            {
                throw new CaseFailedException($"expected {this}; the server agreed to [{string.Join(" | ", lines)}]");
            }

            if (Best is { } best && agreement.Offer != best)
            {
                run.Note(Verdict.Informational, $"the answer [{string.Join(" | ", lines)}] takes an offer that the client prefers less");
            }
        }
        else if (Outcome == OfferOutcome.Agreed)
        {
            bool understood = Twin is null || !await AgreesToTwinAsync(run, cancellationToken).ConfigureAwait(false);
            run.Ended = true;
            run.Note(understood ? Verdict.Unsupported : Verdict.NonStrict, understood ? $"the server did not agree to {string.Join(" | ", Lines)}" : $"the server declined what it agrees to as [{Twin}]");
        }
    }

    private async Task<bool> AgreesToTwinAsync(CaseRun run, CancellationToken cancellationToken)
    {
        var other = new CaseRun(run.Case, run.Role, run.Options, new WireLog()) { Server = run.Server };
        other.Wire = await run.Server!.ConnectAsync(other.Log, cancellationToken).ConfigureAwait(false);
        await using (other.Wire.ConfigureAwait(false))
        {
            other.Wire.Start(expectHead: true);
            WireEvent? answer = await AskAsync(other, [Twin!], cancellationToken).ConfigureAwait(false);
            return answer is ResponseEvent { Head: { StatusCode: 101 } head } && head.Headers.Contains("Sec-WebSocket-Extensions");
        }
    }

    private static async Task<WireEvent?> AskAsync(CaseRun run, IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        Connecting server = run.Server!;
        var text = new StringBuilder();
        text.Append(null, $"GET {server.Target} HTTP/1.1\r\nHost: {server.Host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {HandshakeKey.Create()}\r\n");
        foreach ((string name, string value) in run.Options.Headers)
        {
            text.Append(null, $"{name}: {value}\r\n");
        }

        foreach (string line in lines)
        {
            text.Append(null, $"Sec-WebSocket-Extensions:{(line.Length == 0 ? "" : " ")}{line}\r\n");
        }

        string request = text.Append("\r\n").ToString();
        await run.Wire.SendAsync(Encoding.Latin1.GetBytes(request), int.MaxValue, TimeSpan.Zero, request.TrimEnd(), cancellationToken).ConfigureAwait(false);
        return await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
    }

    public override string ToString()
    {
        string offer = Lines.Count == 0 ? "no offer" : $"the offer [{string.Join(" | ", Lines)}]";
        return Outcome switch
        {
            OfferOutcome.Agreed => $"an answer that fits {offer}",
            OfferOutcome.Declined => $"{offer} declined: 101 without an extension",
            OfferOutcome.Either => $"an answer that fits {offer} in lower case, or none",
            OfferOutcome.Refused => $"{offer} refused with a status such as 400",
            _ => $"{offer} refused, or declined",
        };
    }
}
