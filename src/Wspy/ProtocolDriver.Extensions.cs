using Wspy.Protocol;

namespace Wspy;

// Sending through the extensions that were agreed on.
internal sealed partial class ProtocolDriver
{
    // Extensions work outside of the gate: what they remember of the sent messages belongs to whoever has the turn.
    private bool TryEncode(Opcode opcode, ReadOnlySpan<byte> payload, bool fin, ref ReservedBits reserved, out ReadOnlyMemory<byte> encoded)
    {
        try
        {
            return Engine.TryEncode(opcode, payload, fin, ref reserved, out encoded);
        }
        catch (Exception exception)
        {
            // Whatever it was: this connection fails with 1011, and the Close frame follows at the end of the turn.
            lock (_gate)
            {
                Engine.FailExtension(exception);
            }

            throw ClosedException();
        }
    }
}
