using System.Net;
using Wspy.Loop;

namespace Wspy.Tests.LoopTests;

public class PeerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", 1)]
    [InlineData("255.254.0.1", 65535)]
    [InlineData("::1", 8000)]
    [InlineData("fe80::1:2%7", 443)]
    [InlineData("::ffff:10.1.2.3", 80)]
    public void An_address_goes_there_and_back(string address, int port)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
        Span<byte> bytes = stackalloc byte[PeerAddress.MaxSize];
        bytes.Fill(0xDD);
        int size = PeerAddress.Write(endPoint, bytes);
        Assert.Equal(endPoint.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 16 : 28, size);
        Assert.Equal(endPoint, new PeerAddress(bytes[..size]).ToEndPoint());
    }

    [Fact]
    public void The_form_is_that_of_the_system()
    {
        Span<byte> bytes = stackalloc byte[PeerAddress.MaxSize];
        int size = PeerAddress.Write(new IPEndPoint(IPAddress.Loopback, 0x1F40), bytes);
        byte[] family = BitConverter.GetBytes((ushort)2);
        Assert.Equal([.. family, 0x1F, 0x40, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], bytes[..size].ToArray());
    }

    [Fact]
    public void What_is_cut_or_of_another_family_is_no_address()
    {
        byte[] bytes = new byte[PeerAddress.MaxSize];
        int size = PeerAddress.Write(new IPEndPoint(IPAddress.IPv6Loopback, 80), bytes);
        for (int cut = 0; cut < size; cut++)
        {
            Assert.Null(new PeerAddress(bytes.AsSpan(0, cut)).ToEndPoint());
        }

        // AF_UNIX.
        BitConverter.TryWriteBytes(bytes, (ushort)1);
        Assert.Null(new PeerAddress(bytes).ToEndPoint());
    }
}
