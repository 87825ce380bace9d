using System.Buffers.Binary;
using System.Net;
using System.Text;
using Wspy.Handshake;

namespace Wspy.Tests.HandshakeTests;

/// <summary>The header of the PROXY protocol: whole, byte by byte, at random splits; and everything that is none.</summary>
public class ProxyHeaderTests
{
    private static readonly byte[] Signature = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", "192.0.2.1:56324")]
    [InlineData("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0:0")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535")]
    [InlineData("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "[2001:db8::1]:1")]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", null)]
    public void A_line_of_version_1(string line, string? source) => AssertValid(Encoding.Latin1.GetBytes(line), source);

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 65536\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 -1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 0443 1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 \r\n")]
    [InlineData("PROXY TCP4  192.0.2.1 198.51.100.2 56324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.01 198.51.100.2 56324 443\r\n")]
    [InlineData("PROXY TCP4 3221225985 198.51.100.2 56324 443\r\n")]
    [InlineData("PROXY TCP4 ::1 ::1 56324 443\r\n")]
    [InlineData("PROXY TCP6 192.0.2.1 198.51.100.2 56324 443\r\n")]
    [InlineData("PROXY TCP6 [::1] ::1 56324 443\r\n")]
    [InlineData("PROXY TCP6 fe80::1%1 ::1 56324 443\r\n")]
    [InlineData("PROXY TCP6 :::1 ::1 56324 443\r\n")]
    [InlineData("PROXY UDP4 192.0.2.1 198.51.100.2 56324 443\r\n")]
    [InlineData("PROXY UNKNOWNX\r\n")]
    [InlineData("PROXY unknown\r\n")]
    [InlineData("proxy UNKNOWN\r\n")]
    [InlineData("PROXY\r\nGET / HTTP/1.1\r\n\r\n")]
    [InlineData("PROXY \r\nGET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003ABCD")]
    [InlineData("\r\n\r\n\0\r\nQUIX\n!!!!!!")]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535 \r\n")]
    public void What_is_no_line(string text) => AssertInvalid(Encoding.Latin1.GetBytes(text));

    [Fact]
    public void A_header_of_version_2()
    {
        byte[] four = [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 0x04, 0x01, 0xBB];
        byte[] six = [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.IPv6Loopback.GetAddressBytes(), 0, 1, 0, 2];
        AssertValid(Binary(0x21, 0x11, four), "192.0.2.1:56324");
        AssertValid(Binary(0x21, 0x11, [.. four, 1, 0, 2, (byte)'h', (byte)'2', 4, 0, 0]), "192.0.2.1:56324");
        AssertValid(Binary(0x21, 0x21, six), "[2001:db8::1]:1");
        AssertValid(Binary(0x21, 0x31, new byte[216]), null);
        AssertValid(Binary(0x21, 0x00, []), null);
        AssertValid(Binary(0x20, 0x00, []), null);
        AssertValid(Binary(0x20, 0x11, four), null);

        // LOCAL: what it has for addresses is passed over, whatever family it names.
        AssertValid(Binary(0x20, 0x12, four), null);
        AssertValid(Binary(0x20, 0x21, []), null);
        AssertValid(Binary(0x20, 0xFF, [1, 2, 3]), null);
        AssertValid(Binary(0x21, 0x11, [.. four, 4, 0x0F, 0xE1, .. new byte[ProxyHeader.MaxSize - 16 - 15]]), "192.0.2.1:56324");
    }

    [Fact]
    public void What_is_no_header_of_version_2()
    {
        byte[] four = new byte[12];
        AssertInvalid(Binary(0x11, 0x11, four));
        AssertInvalid(Binary(0x31, 0x11, four));
        AssertInvalid(Binary(0x22, 0x11, four));
        AssertInvalid(Binary(0x20, 0x00, new byte[ProxyHeader.MaxSize - 15]));
        AssertInvalid(Binary(0x21, 0x12, four));
        AssertInvalid(Binary(0x21, 0x41, four));
        AssertInvalid(Binary(0x21, 0x01, four));
        AssertInvalid(Binary(0x21, 0x11, new byte[11]));
        AssertInvalid(Binary(0x21, 0x21, new byte[35]));
        AssertInvalid(Binary(0x21, 0x31, new byte[215]));
        AssertInvalid(Binary(0x21, 0x11, [.. four, 1]));
        AssertInvalid(Binary(0x21, 0x11, [.. four, 1, 0]));
        AssertInvalid(Binary(0x21, 0x11, [.. four, 1, 0, 2, 0]));
        AssertInvalid(Binary(0x21, 0x11, new byte[ProxyHeader.MaxSize - 15]));
        AssertInvalid(Binary(0x21, 0x11, new byte[ushort.MaxValue]));
    }

    [Fact]
    public void Whatever_comes_is_decided_within_the_bound_and_never_throws()
    {
        var random = new Random(7);
        byte[][] seeds = [Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n"), Binary(0x21, 0x11, [.. new byte[12], 1, 0, 2, 0, 0])];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. seeds[i % 2], .. new byte[5000]];
            for (int changes = random.Next(4); changes > 0; changes--)
            {
                bytes[random.Next(60)] = (byte)random.Next(256);
            }

            var header = new ProxyHeader();
            int taken = 0;
            while (header.Needed > 0)
            {
                int count = random.Next(1, header.Needed + 1);
                header.Receive(bytes.AsSpan(taken, count));
                taken += count;
            }

            Assert.NotEqual(ProxyHeaderStatus.NeedMoreData, header.Status);
            Assert.InRange(taken, 1, ProxyHeader.MaxSize);
        }
    }

    private static byte[] Binary(byte command, byte family, byte[] rest)
    {
        byte[] bytes = [.. Signature, command, family, 0, 0, .. rest];
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), (ushort)rest.Length);
        return bytes;
    }

    // With a request behind it, of which nothing may be taken.
    private static void AssertValid(byte[] bytes, string? source)
    {
        foreach (Func<int, int> pieces in Pieces())
        {
            (ProxyHeader header, int taken) = Feed([.. bytes, .. "GET / HTTP/1.1\r\n\r\n"u8], pieces);
            Assert.Equal((ProxyHeaderStatus.Complete, bytes.Length, source), (header.Status, taken, header.Source?.ToString()));
        }
    }

    private static void AssertInvalid(byte[] bytes)
    {
        foreach (Func<int, int> pieces in Pieces())
        {
            (ProxyHeader header, _) = Feed([.. bytes, .. new byte[ProxyHeader.MaxLine]], pieces);
            Assert.Equal((ProxyHeaderStatus.Invalid, 0), (header.Status, header.Needed));
            Assert.Null(header.Source);
        }
    }

    private static IEnumerable<Func<int, int>> Pieces()
    {
        yield return static needed => needed;
        yield return static _ => 1;
        for (int seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            yield return needed => random.Next(1, needed + 1);
        }
    }

    private static (ProxyHeader Header, int Taken) Feed(byte[] bytes, Func<int, int> pieces)
    {
        var header = new ProxyHeader();
        int taken = 0;
        while (header.Needed > 0)
        {
            int count = pieces(header.Needed);
            header.Receive(bytes.AsSpan(taken, count));
            taken += count;
        }

        return (header, taken);
    }
}
