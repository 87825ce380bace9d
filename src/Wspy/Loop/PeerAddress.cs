using System.Buffers.Binary;
using System.Net;

namespace Wspy.Loop;

/// <summary>A peer's address as the system gave it, small enough to keep for each connection; made an object when asked for.</summary>
internal readonly struct PeerAddress
{
    /// <summary>The size of the larger of the two forms, <c>struct sockaddr_in6</c>.</summary>
    public const int MaxSize = 28;

    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;

    // Two halves: one number of 16 bytes would have to lie at a multiple of 16.
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;
    private readonly ushort _port;
    private readonly ushort _family;

    /// <param name="address">A <c>struct sockaddr</c>; of another family, or empty, it is no address.</param>
    public PeerAddress(ReadOnlySpan<byte> address)
    {
        ushort family = address.Length < 2 ? (ushort)0 : BitConverter.ToUInt16(address);
        if (family == FamilyIPv4 && address.Length >= 8)
        {
            _low = BinaryPrimitives.ReadUInt32BigEndian(address[4..]);
        }
        else if (family == FamilyIPv6 && address.Length >= MaxSize)
        {
            _high = BinaryPrimitives.ReadUInt64BigEndian(address[8..]);
            _low = BinaryPrimitives.ReadUInt64BigEndian(address[16..]);
            _scope = BitConverter.ToUInt32(address[24..]);
        }
        else
        {
            return;
        }

        _family = family;
        _port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
    }

    public IPEndPoint? ToEndPoint()
    {
        if (_family == 0)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        IPAddress address = _family == FamilyIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, _scope);
        return new IPEndPoint(address, _port);
    }

    /// <summary>Writes a <c>struct sockaddr</c> to connect to.</summary>
    /// <returns>Its size.</returns>
    public static int Write(IPEndPoint endPoint, Span<byte> destination)
    {
        destination.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)endPoint.Port);
        if (endPoint.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        {
            BitConverter.TryWriteBytes(destination, FamilyIPv4);
            endPoint.Address.TryWriteBytes(destination[4..], out _);
            return 16;
        }

        BitConverter.TryWriteBytes(destination, FamilyIPv6);
        endPoint.Address.TryWriteBytes(destination[8..], out _);
        BitConverter.TryWriteBytes(destination[24..], (uint)endPoint.Address.ScopeId);
        return MaxSize;
    }
}
