using Wspy.Conformance.Engine;
using Wspy.Conformance.Negotiation;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// Answers the client's offer of permessage-deflate as it must not be answered. The case is unsupported where there is no such
/// offer, or one to which the answer is right.
/// </summary>
/// <param name="Lines">The values of the header lines, made from the offer; <see langword="null"/> if that one lends itself to no such answer.</param>
internal sealed record AnswerStep(Func<DeflateParameters, IReadOnlyList<string>?> Lines) : Step
{
    private const string Head = $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ReplyStep.Accept}\r\n";

    public override bool IsAction => true;

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> offered = run.Client!.Request.All("Sec-WebSocket-Extensions");
        IReadOnlyList<ExtensionItem> offers = ExtensionList.Parse(offered) ?? [];
        DeflateParameters? offer = offers.Where(item => item.Name == DeflateParameters.Extension).Select(item => DeflateParameters.Read(item, isAnswer: false, out _)).FirstOrDefault(read => read is not null);
        IReadOnlyList<string>? lines = offer is null ? null : Lines(offer);
        if (lines is null || Agreement.Judge(offers, lines, out _) is not null)
        {
            await EndAsync(run, cancellationToken).ConfigureAwait(false);
            run.Note(Verdict.Unsupported, offer is null ? "the client does not offer permessage-deflate" : $"to the offer [{string.Join(" | ", offered)}] there is no such wrong answer");
            return;
        }

        string head = Head + string.Concat(lines.Select(line => $"Sec-WebSocket-Extensions: {line}\r\n")) + "\r\n";
        await new ReplyStep(head).RunAsync(run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the connection in order: the client has done nothing wrong.</summary>
    private static async Task EndAsync(CaseRun run, CancellationToken cancellationToken)
    {
        await new ReplyStep(Head + "\r\n").RunAsync(run, cancellationToken).ConfigureAwait(false);
        await run.Wire.SendAsync([new WireFrame(Opcode.Close, (byte[])[3, 232])], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        run.Ended = true;
    }

    public override string ToString() =>
        Lines(new DeflateParameters { HasClientBits = true }) is { } lines ? $"answer the offer with [{string.Join("] and [", lines)}]" : "answer the offer with more than it allows";
}
