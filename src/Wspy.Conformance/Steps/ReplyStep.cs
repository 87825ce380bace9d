using System.Buffers;
using System.Text;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>Answers the request of a client with a head, which may be wrong, and frames right behind it.</summary>
/// <param name="Head">All bytes up to the frames. <see cref="Accept"/> stands for the right answer to the client's key.</param>
/// <param name="Behind">Frames and bytes that follow in the same write.</param>
internal sealed record ReplyStep(string Head, params WirePart[] Behind) : Step
{
    public const string Accept = "{accept}";

    /// <summary>The right answer with lower-case letters where capitals stand and the other way round.</summary>
    public const string AcceptOtherCase = "{accept with other case}";

    /// <summary>The right answer without the padding that base64 ends in.</summary>
    public const string AcceptUnpadded = "{accept without padding}";

    /// <summary>The key itself.</summary>
    public const string Key = "{key}";

    /// <summary>The hash of the key alone.</summary>
    public const string AcceptWithoutGuid = "{accept without GUID}";

    /// <summary>The answer to another key.</summary>
    public const string AcceptOfOther = "{accept of another key}";

    /// <summary>A URL of the suite that another connection may be opened to.</summary>
    public const string Elsewhere = "{elsewhere}";

    public int Segment { get; init; } = int.MaxValue;

    public TimeSpan Pause { get; init; }

    public override bool IsAction => true;

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        string text = Fill(Head, run);
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(Encoding.Latin1.GetBytes(text));
        foreach (WirePart part in Behind)
        {
            part.Write(bytes, run.Role);
        }

        string shown = Behind.Length == 0 ? text.TrimEnd() : $"{text.TrimEnd()}\n{string.Join('\n', (object[])Behind)}";
        await run.Wire.SendAsync(bytes.WrittenMemory, Segment, Pause, shown, cancellationToken).ConfigureAwait(false);
    }

    private static string Fill(string head, CaseRun run)
    {
        ClientRequest request = run.Client!.Request;
        string accept = request.Accept;
        return head.Replace(Accept, accept, StringComparison.Ordinal)
            .Replace(AcceptUnpadded, accept.TrimEnd('='), StringComparison.Ordinal)
            .Replace(AcceptOtherCase, string.Concat(accept.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c))), StringComparison.Ordinal)
            .Replace(AcceptWithoutGuid, ClientRequest.HashOf(request.Key), StringComparison.Ordinal)
            .Replace(AcceptOfOther, ClientRequest.AcceptOf("dGhlIHNhbXBsZSBub25jZQ=="), StringComparison.Ordinal)
            .Replace(Elsewhere, run.Client!.Elsewhere, StringComparison.Ordinal)
            .Replace(Key, request.Key, StringComparison.Ordinal);
    }

    public override string ToString()
    {
        const int Most = 300;
        string head = Head.Length <= Most ? Head : $"{Head[..Most]}… ({Head.Length:N0} characters)";
        head = head.Replace("\r\n", "⏎", StringComparison.Ordinal).Replace("\n", "␊", StringComparison.Ordinal).Replace("\r", "␍", StringComparison.Ordinal).Replace("\0", "␀", StringComparison.Ordinal);
        string behind = Behind.Length == 0 ? "" : $", and right behind it {string.Join(", ", Behind.Select(part => $"[{part}]"))}";
        return $"answer the request with [{head}]{behind}{(Segment == int.MaxValue ? "" : $" in segments of {Segment} bytes")}";
    }
}
