using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Wspy.Handshake;

/// <summary>How far the header of a proxy is.</summary>
internal enum ProxyHeaderStatus
{
    NeedMoreData,
    Complete,
    Invalid,
}

/// <summary>The header with which a proxy begins a connection, to tell whose it is: the PROXY protocol, versions 1 and 2.</summary>
/// <remarks>
/// <para>Never takes more than belongs to the header: receive at most <see cref="Needed"/> bytes, and what is behind it stays where it is. So nothing has to be put
/// back, whatever comes next, TLS or a request.</para>
/// <para>One connection; not thread-safe.</para>
/// </remarks>
internal sealed class ProxyHeader
{
    /// <summary>The longest line of version 1, with its CRLF; two IPv6 addresses and ports.</summary>
    public const int MaxLine = 107;

    /// <summary>The longest header of version 2 that is taken: addresses are 216 bytes at most, the rest is for what a proxy tells beside.</summary>
    public const int MaxSize = 4096;

    /// <summary><c>PROXY UNKNOWN</c> and CRLF: no valid header of either version is shorter.</summary>
    private const int MinSize = 15;

    /// <summary>Signature, version and command, family, length.</summary>
    private const int BinaryHead = 16;

    private byte[] _bytes = new byte[MaxLine];
    private int _count;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> LineBeginning => "PROXY "u8;

    public ProxyHeaderStatus Status { get; private set; }

    /// <summary>How many bytes belong to the header at least that are not there yet; 0 when it is decided.</summary>
    public int Needed { get; private set; } = MinSize;

    /// <summary>Whose connection it is; null when the proxy speaks for itself, or does not know.</summary>
    public IPEndPoint? Source { get; private set; }

    /// <summary>Whether the proxy has connected for itself, such as to see whether we are alive. Version 1 does not tell that from clients that it does not know.</summary>
    public bool IsOwn { get; private set; }

    /// <summary>Takes bytes.</summary>
    /// <param name="bytes">At most <see cref="Needed"/>.</param>
    public ProxyHeaderStatus Receive(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Needed, nameof(bytes));
        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
        Needed -= bytes.Length;
        ReadOnlySpan<byte> all = _bytes.AsSpan(0, _count);
        if (IsBeginning(all, Signature))
        {
            ReceiveBinary(all);
        }
        else if (IsBeginning(all, LineBeginning))
        {
            ReceiveLine(all);
        }
        else
        {
            // The first byte that fits neither decides: who sends something else is not waited for.
            Fail();
        }

        return Status;
    }

    private static bool IsBeginning(ReadOnlySpan<byte> all, ReadOnlySpan<byte> beginning) =>
        all.Length < beginning.Length ? beginning.StartsWith(all) : all.StartsWith(beginning);

    private void Complete(IPEndPoint? source)
    {
        Status = ProxyHeaderStatus.Complete;
        Source = source;
        Needed = 0;
    }

    private void Fail()
    {
        Status = ProxyHeaderStatus.Invalid;
        Needed = 0;
    }

    private void ReceiveLine(ReadOnlySpan<byte> all)
    {
        if (all.Length < MinSize)
        {
            return;
        }

        // CR and LF are at the end of a line and nowhere else.
        int end = all.IndexOfAny((byte)'\r', (byte)'\n');
        if (end >= 0 && end == all.Length - 2 && all.EndsWith("\r\n"u8))
        {
            ReadLine(Encoding.Latin1.GetString(all[LineBeginning.Length..end]));
        }
        else if ((end >= 0 && (end < all.Length - 1 || all[end] == '\n')) || all.Length == MaxLine)
        {
            Fail();
        }
        else
        {
            Needed = end >= 0 ? 1 : Math.Min(2, MaxLine - all.Length);
        }
    }

    private void ReadLine(string line)
    {
        if (line == "UNKNOWN" || line.StartsWith("UNKNOWN ", StringComparison.Ordinal))
        {
            Complete(null);
            return;
        }

        string[] parts = line.Split(' ');
        bool isIPv6 = parts[0] == "TCP6";
        if (parts.Length == 5 && (isIPv6 || parts[0] == "TCP4")
            && TryParse(parts[1], isIPv6, out IPAddress? source) && TryParse(parts[2], isIPv6, out _) && TryParsePort(parts[3], out int port) && TryParsePort(parts[4], out _))
        {
            Complete(new IPEndPoint(TrustedProxies.Unmap(source!), port));
        }
        else
        {
            Fail();
        }
    }

    private static bool TryParse(string text, bool isIPv6, out IPAddress? address)
    {
        // In the one way to write it: the platform takes octal and shorter forms as well.
        return IPAddress.TryParse(text, out address)
            && text.Contains(':', StringComparison.Ordinal) == isIPv6
            && (isIPv6 ? !text.AsSpan().ContainsAny("%[]/") : address.ToString() == text);
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort && (text.Length == 1 || text[0] != '0');

    private void ReceiveBinary(ReadOnlySpan<byte> all)
    {
        if (all.Length < BinaryHead)
        {
            Needed = BinaryHead - all.Length;
            return;
        }

        int size = BinaryHead + BinaryPrimitives.ReadUInt16BigEndian(all[14..]);
        int command = all[12] ^ 0x20;

        // The addresses of each family over a stream: none, IPv4, IPv6, Unix-domain. A proxy that speaks for itself may have any, and what follows means nothing.
        int addresses = all[13] switch { _ when command == 0 => 0, 0x00 => 0, 0x11 => 12, 0x21 => 36, 0x31 => 216, _ => -1 };
        if (command > 1 || addresses < 0 || size > MaxSize || size < BinaryHead + addresses)
        {
            Fail();
        }
        else if (all.Length < size)
        {
            if (_bytes.Length < size)
            {
                Array.Resize(ref _bytes, size);
            }

            Needed = size - all.Length;
        }
        else if (command == 1 && !AreRecords(all[(BinaryHead + addresses)..]))
        {
            Fail();
        }
        else
        {
            IsOwn = command == 0;
            Complete(IsOwn ? null : ReadAddress(all[BinaryHead..], all[13]));
        }
    }

    private static IPEndPoint? ReadAddress(ReadOnlySpan<byte> addresses, byte family) => family switch
    {
        0x11 => new IPEndPoint(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..])),
        0x21 => new IPEndPoint(TrustedProxies.Unmap(new IPAddress(addresses[..16])), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..])),
        _ => null,
    };

    // Type, length of two bytes, value.
    private static bool AreRecords(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 3)
        {
            int length = 3 + BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
            if (length > bytes.Length)
            {
                return false;
            }

            bytes = bytes[length..];
        }

        return bytes.IsEmpty;
    }
}
