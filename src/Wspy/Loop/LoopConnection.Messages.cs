using Wspy.Buffers;

namespace Wspy.Loop;

// Sending in the ways in which applications have their messages; all from any thread.
internal sealed partial class LoopConnection
{
    public SendResult Send(string text, int fragmentSize)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        byte[] array = BufferPool.Rent(Message.StrictUtf8.GetMaxByteCount(text.Length));
        try
        {
            return Send(array.AsSpan(0, Message.StrictUtf8.GetBytes(text, array)), Opcode.Text, fragmentSize, null);
        }
        finally
        {
            BufferPool.Return(array);
        }
    }

    public SendResult Send(ReadOnlySpan<byte> payload, Opcode opcode, int fragmentSize)
    {
        Connection.CheckOpcode(opcode, _engine);
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        return Send(payload, opcode, fragmentSize, null);
    }

    public SendResult Send(Message message, int fragmentSize)
    {
        ArgumentNullException.ThrowIfNull(message);
        Connection.CheckOpcode(message.Opcode, _engine);
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        return Send(message.Payload.Span, message.Opcode, fragmentSize, message);
    }

    public ValueTask<SendResult> SendAsync(string text, int fragmentSize, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        return SendAsync(Message.StrictUtf8.GetBytes(text), Opcode.Text, fragmentSize, null, cancellationToken);
    }

    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode, int fragmentSize, CancellationToken cancellationToken)
    {
        Connection.CheckOpcode(opcode, _engine);
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        return SendAsync(payload, opcode, fragmentSize, null, cancellationToken);
    }

    public ValueTask<SendResult> SendAsync(Message message, int fragmentSize, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        Connection.CheckOpcode(message.Opcode, _engine);
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        return SendAsync(message.Payload, message.Opcode, fragmentSize, message, cancellationToken);
    }
}
