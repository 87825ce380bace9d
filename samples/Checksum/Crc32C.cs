using System.Buffers.Binary;
using System.Numerics;

namespace Checksum;

/// <summary>CRC-32C (RFC 9260, appendix A), the one that processors have an instruction for, piece by piece.</summary>
internal struct Crc32C
{
    // Of no bytes it is 0: the register starts with all bits set and is inverted at the end.
    public uint Value { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint register = ~Value;
        while (BinaryPrimitives.TryReadUInt64LittleEndian(bytes, out ulong eight))
        {
            register = BitOperations.Crc32C(register, eight);
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte one in bytes)
        {
            register = BitOperations.Crc32C(register, one);
        }

        Value = ~register;
    }
}
