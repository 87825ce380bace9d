using System.Buffers;
using Wspy.Extensions;

namespace Wspy.Tool.Bench.Load;

/// <summary>permessage-deflate of this side: what is offered, what an answer must be, and how messages are compressed.</summary>
/// <remarks>The same parameters at every server, or the comparison would be none: windows of 15 bits, and contexts as they were asked for.</remarks>
internal sealed class LoadDeflate(DeflateUse use)
{
    private static readonly string[] NoContextTakeover = ["server_no_context_takeover", "client_no_context_takeover"];

    /// <summary>Compresses every message, however short, and sends what comes of it: each echo is to cost the server both directions.</summary>
    private readonly DeflateMessage? _extension = use == DeflateUse.None ? null : new DeflateMessage(new DeflateMessageOptions
    {
        Threshold = 0, KeepsGrownResults = true, ServerContextTakeover = use == DeflateUse.Context, ClientContextTakeover = use == DeflateUse.Context,
    });

    /// <summary>What to list in the options of a client.</summary>
    public IReadOnlyList<Extension> Extensions => _extension is null ? [] : [_extension];

    /// <summary>Judges what was agreed on.</summary>
    /// <exception cref="LoadException">It is not what was asked for.</exception>
    public void Check(Uri server, IReadOnlyList<ExtensionOffer> agreed)
    {
        if (_extension is null)
        {
            return;
        }

        // A window that the server names is fine as long as it is the whole one.
        bool fits = agreed.Count == 1
            && NoContextTakeover.All(name => agreed[0].Parameters.Any(parameter => parameter.Name == name) == (use == DeflateUse.NoContext))
            && agreed[0].Parameters.All(parameter => parameter.Value is null or "15");
        if (!fits)
        {
            string answer = agreed.Count == 0 ? "nothing" : ExtensionHeader.Format(agreed);
            throw new LoadException($"{server} agreed to {answer}, where {(use == DeflateUse.Context ? "both ends were to keep" : "neither end was to keep")} a context in windows of 15 bits.");
        }
    }

    /// <summary>Compresses messages one after another; the first one refers to nothing, so that they can be sent again and again.</summary>
    public byte[][] Compress(IReadOnlyList<byte[]> messages, Opcode opcode)
    {
        // As a server would confirm it.
        ExtensionOffer answer = new(_extension!.Name, use == DeflateUse.Context ? [] : [.. NoContextTakeover.Select(name => new ExtensionParameter(name))]);
        using ExtensionInstance instance = _extension.Confirm(answer)!;
        byte[][] compressed = new byte[messages.Count][];
        var output = new ArrayBufferWriter<byte>();
        for (int i = 0; i < compressed.Length; i++)
        {
            output.ResetWrittenCount();
            if (instance.BeginSend(opcode, messages[i], end: true) != ReservedBits.Rsv1 && messages[i].Length > 0)
            {
                throw new LoadException("There is no memory to compress with.");
            }

            instance.Send(messages[i], output, end: true);
            compressed[i] = output.WrittenSpan.ToArray();
        }

        return compressed;
    }
}
