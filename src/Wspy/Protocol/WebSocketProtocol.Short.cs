using System.Runtime.CompilerServices;

namespace Wspy.Protocol;

// The commonest frame by far: a whole message of up to 125 bytes, all of it at hand. It is recognised by two bytes and a few
// comparisons; whatever is not exactly that takes the long way, which knows the rules.
public sealed partial class WebSocketProtocol
{
    /// <summary>FIN without reserved bits, beside an opcode.</summary>
    private const int FinOnly = 0x80;

    private const int MaskBit = 0x80;

    /// <summary>The largest payload that has its length in the second byte.</summary>
    private const int MaxShort = 125;

    // Below 0 when nothing may take the short way.
    private int _shortLimit;

    private void SetShortLimit() =>
        _shortLimit = _pipeline is null ? (int)Math.Min(MaxShort, Math.Min(_options.MaxFrameSize, _options.MaxMessageSize)) : -1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadShort(scoped ref Span<byte> input, out Opcode opcode, out Span<byte> payload)
    {
        opcode = default;
        payload = default;
        int start = Role == WebSocketRole.Server ? 2 + sizeof(uint) : 2;
        if (input.Length < start || _inFrame || _inMessage || _headerCount != 0 || _discards)
        {
            return false;
        }

        opcode = (Opcode)(input[0] ^ FinOnly);
        int length = Role == WebSocketRole.Server ? input[1] ^ MaskBit : input[1];
        if (opcode is not (Opcode.Text or Opcode.Binary) || length > _shortLimit || input.Length - start < length)
        {
            return false;
        }

        payload = input.Slice(start, length);
        if (Role == WebSocketRole.Server)
        {
            Masking.Apply(payload, Unsafe.ReadUnaligned<uint>(ref input[2]));
        }

        if (opcode == Opcode.Text && !Utf8Validator.IsValid(payload))
        {
            // As if nothing had been looked at: masking is its own inverse.
            if (Role == WebSocketRole.Server)
            {
                Masking.Apply(payload, Unsafe.ReadUnaligned<uint>(ref input[2]));
            }

            return false;
        }

        input = input[(start + length)..];
        return true;
    }

    /// <summary>Takes the next message if it is short, whole and at hand.</summary>
    /// <param name="input">Received bytes, which are unmasked in place; the message is cut off.</param>
    /// <param name="message">The message, where it lies in the input.</param>
    /// <returns>False when the input is to be given to <see cref="Read"/>; nothing was taken then.</returns>
    internal bool TryRead(scoped ref Span<byte> input, out MessageView message)
    {
        if (!_delivered && TryReadShort(ref input, out Opcode opcode, out Span<byte> payload))
        {
            message = new MessageView(opcode, payload);
            return true;
        }

        message = default;
        return false;
    }

    /// <summary>Writes a whole message of this end if it is a server, sends nothing fragmented, and the frame is short.</summary>
    /// <param name="destination">At least two bytes longer than the payload.</param>
    /// <param name="opcode"><see cref="Opcode.Text"/> or <see cref="Opcode.Binary"/>.</param>
    /// <param name="payload">The payload.</param>
    /// <returns>False when it must be written the long way; nothing was written then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryWriteShort(Span<byte> destination, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (Role != WebSocketRole.Server || payload.Length > MaxShort || destination.Length < payload.Length + 2 || _pipeline is not null || _sendsMessage || !CanSend)
        {
            return false;
        }

        destination[1] = (byte)payload.Length;
        destination[0] = (byte)(FinOnly | (int)opcode);
        // With a key of zeros it is a copy, of which the short ones need no call.
        Masking.Apply(payload, destination[2..], 0);
        return true;
    }
}
