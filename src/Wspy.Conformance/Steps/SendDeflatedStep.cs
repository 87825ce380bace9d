using Wspy.Conformance.Deflate;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>Sends a message compressed, within what was agreed on.</summary>
internal sealed record SendDeflatedStep(Opcode Kind, Payload Message, DeflatePlan Plan) : Step
{
    /// <summary>How many bytes of the compressed message a frame carries.</summary>
    public int FragmentSize { get; init; } = int.MaxValue;

    /// <summary>Sent after each fragment but the last.</summary>
    public IReadOnlyList<WireFrame> Between { get; init; } = [];

    /// <summary>Whether empty fragments come first, last, and in between.</summary>
    public bool EmptyFragments { get; init; }

    public int Segment { get; init; } = int.MaxValue;

    public override bool IsAction => true;

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        byte[] payload = run.Deflate!.Deflate(Message.ToArray(), Plan);
        List<byte[]> pieces = [.. payload.Chunk(Math.Min(FragmentSize, Math.Max(1, payload.Length)))];
        if (EmptyFragments)
        {
            pieces = [[], .. pieces.SelectMany(piece => (byte[][])[piece, []])];
        }

        List<WirePart> parts = [];
        for (int i = 0; i < pieces.Count; i++)
        {
            // RFC 7692 §6.1: RSV1 stands on the first frame only.
            bool last = i == pieces.Count - 1;
            parts.Add(new WireFrame(i == 0 ? Kind : Opcode.Continuation, pieces[i]) { Fin = last, Reserved = i == 0 ? 4 : 0 });
            parts.AddRange(last ? [] : Between);
        }

        return run.Wire.SendAsync(parts, Segment, TimeSpan.Zero, cancellationToken);
    }

    public override string ToString()
    {
        string text = $"send the {(Kind == Opcode.Text ? "text" : "binary")} message [{Message}] compressed {Plan}";
        text += FragmentSize == int.MaxValue ? "" : $", in fragments of {FragmentSize:N0} bytes";
        text += EmptyFragments ? ", with empty fragments" : "";
        text += Between.Count == 0 ? "" : $", with {string.Join(", ", Between.Select(frame => $"[{frame}]"))} after each";
        return Segment == int.MaxValue ? text : $"{text}, in segments of {Segment} bytes";
    }
}
