using Wspy.Extensions;

namespace Wspy.Tool.Bench.Load;

/// <content>Echoes that are compressed: they are inflated only to be verified, and otherwise just counted.</content>
internal sealed partial class EchoReader
{
    private ExtensionInstance? _inflater;
    private byte[]? _inflated;

    // Whether the message at hand is compressed.
    private bool _deflated;

    /// <summary>The connection is open, with what works on it; this owns that from now on.</summary>
    public void Open(IReadOnlyList<ExtensionInstance> instances) => _inflater = instances.SingleOrDefault();

    /// <inheritdoc/>
    public void Dispose() => _inflater?.Dispose();

    // RFC 7692 §6: on the first frame of a message, and never on a control frame.
    private bool MayBeDeflated(in FrameHeader header) =>
        template.IsDeflated && header.Reserved == ReservedBits.Rsv1 && header.Opcode is Opcode.Text or Opcode.Binary;

    private void BeginMessage(in FrameHeader header)
    {
        _inMessage = true;
        _deflated = header.Reserved == ReservedBits.Rsv1;
        if (_deflated && verify)
        {
            _inflater!.BeginReceive(header.Opcode, header.Reserved);
        }
    }

    private void TakeData(ReadOnlySpan<byte> bytes, bool end)
    {
        if (_deflated)
        {
            if (verify)
            {
                Inflate(bytes, end);
            }

            return;
        }

        if (verify)
        {
            Verify(bytes);
        }

        _messageCount += bytes.Length;
    }

    private void Inflate(ReadOnlySpan<byte> bytes, bool end)
    {
        _inflated ??= new byte[16 * 1024];
        ExtensionStatus status;
        do
        {
            status = _inflater!.Receive(ref bytes, _inflated, out int count, end);
            if (count > template.Size - _messageCount)
            {
                ThrowTooLong(count);
            }

            Verify(_inflated.AsSpan(0, count));
            _messageCount += count;
        }
        while (status == ExtensionStatus.NeedsOutput);
        if (status != ExtensionStatus.NeedsInput)
        {
            throw new LoadException($"The server sent a message that cannot be inflated: {status} (RFC 7692 §7.2.2).");
        }
    }
}
