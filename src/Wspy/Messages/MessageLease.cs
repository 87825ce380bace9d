using Wspy.Buffers;

namespace Wspy;

/// <summary>A received message in pooled memory: yours until you dispose it.</summary>
/// <remarks>Not thread-safe. One owner; dispose it once, and use neither it nor its payload afterwards.</remarks>
public sealed class MessageLease : IDisposable
{
    private byte[]? _array;
    private readonly int _length;

    internal MessageLease(Opcode opcode, byte[] array, int length)
    {
        Opcode = opcode;
        _array = array;
        _length = length;
    }

    /// <summary><see cref="Opcode.Text"/>, <see cref="Opcode.Binary"/>, or an opcode that an extension claims.</summary>
    public Opcode Opcode { get; }

    /// <summary>Whether the message is text.</summary>
    public bool IsText => Opcode == Opcode.Text;

    /// <summary>The payload: valid UTF-8 for text.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public ReadOnlyMemory<byte> Payload
    {
        get
        {
            ObjectDisposedException.ThrowIf(_array is null, this);
            return _array.AsMemory(0, _length);
        }
    }

    /// <summary>The payload as text.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    /// <exception cref="System.Text.DecoderFallbackException">The message is binary and not UTF-8.</exception>
    public string GetText() => Message.StrictUtf8.GetString(Payload.Span);

    /// <summary>A copy to keep.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public Message ToMessage() => Message.CreateTrusted(Opcode, Payload.ToArray());

    /// <summary>Gives the memory back to the pool.</summary>
    public void Dispose()
    {
        byte[]? array = Interlocked.Exchange(ref _array, null);
        if (array is { Length: > 0 })
        {
            BufferPool.Return(array);
        }
    }

    internal static MessageLease Copy(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        byte[] array = payload.IsEmpty ? [] : BufferPool.Rent(payload.Length);
        payload.CopyTo(array);
        return new MessageLease(opcode, array, payload.Length);
    }
}
