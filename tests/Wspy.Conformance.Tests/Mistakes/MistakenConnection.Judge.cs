using System.Buffers.Binary;

namespace Wspy.Conformance.Tests.Mistakes;

// What a header must be.
internal sealed partial class MistakenConnection
{
    private const int MessageLimit = 32 << 20;

    private void Judge(FrameStart frame)
    {
        if (_closed)
        {
            return;
        }

        bool reserved = frame.Opcode is > Binary and < Close or > Pong;
        bool bitsAllowed = frame.Reserved == 0
            || (Has(Mistake.AcceptsRsv1OnData) && frame is { IsControl: false, Reserved: 4 })
            || (Has(Mistake.AcceptsRsv2OnData) && frame is { IsControl: false, Reserved: 2 })
            || (Has(Mistake.AcceptsRsv3OnData) && frame is { IsControl: false, Reserved: 1 })
            || (Has(Mistake.AcceptsReservedBitsOnControlFrames) && frame.IsControl)
            || (Has(Mistake.AcceptsReservedBitsOnContinuations) && frame.Opcode == Continuation)
            || (Has(Mistake.AcceptsReservedBitsOnLaterMessages) && _messages > 0);
        bool opcodeAllowed = !reserved
            || (Has(Mistake.AcceptsReservedDataOpcodes) && !frame.IsControl)
            || (Has(Mistake.AcceptsReservedControlOpcodes) && frame.IsControl)
            || (Has(Mistake.IgnoresReservedOpcodesBetweenFragments) && _kind != 0);
        bool maskAllowed = frame.Masked == (role == PeerRole.Server) || Has(Mistake.AcceptsWrongMasking) || (Has(Mistake.AcceptsWrongMaskingOfControlFrames) && frame.IsControl);
        bool controlAllowed = !frame.IsControl || ((frame.Fin || Has(Mistake.AcceptsFragmentedControlFrames)) && (frame.ShortLength <= 125 || Has(Mistake.AcceptsLongControlFrames)));
        bool orderAllowed = frame.IsControl || reserved
            || (frame.Opcode == Continuation ? _kind != 0 || Has(Mistake.AcceptsContinuationsOfNothing) : _kind == 0 || Has(Mistake.AcceptsMessagesInsideMessages));
        if (!bitsAllowed || !opcodeAllowed || !maskAllowed || !controlAllowed || !orderAllowed)
        {
            throw new PeerOffence(1002);
        }
    }

    /// <summary>The length, judged; the header is complete.</summary>
    private long Length(FrameStart frame)
    {
        ReadOnlySpan<byte> bytes = _input.AsSpan(_start + 2);
        long length = frame.ShortLength;
        if (length == 126)
        {
            length = Has(Mistake.Reads16BitLengthsLittleEndian) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
            Demand(length > 125 || Has(Mistake.AcceptsNonMinimal16BitLengths) || _closed, 1002);
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(bytes);
            if (length < 0 && Has(Mistake.AcceptsLengthsWithTheHighestBit))
            {
                // As if the length had 63 bits, and those above some were lost on the way to an int.
                return (int)length & int.MaxValue;
            }

            if (length > int.MaxValue && Has(Mistake.DiesOnHugeLengths))
            {
                peer.Die();
            }

            Demand((length >= 0 && (length > ushort.MaxValue || Has(Mistake.AcceptsNonMinimal64BitLengths))) || _closed, 1002);
        }

        return length;
    }

    private static void Demand(bool condition, int code)
    {
        if (!condition)
        {
            throw new PeerOffence(code);
        }
    }
}
