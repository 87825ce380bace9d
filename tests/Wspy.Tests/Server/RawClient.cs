using System.Net;
using System.Net.Sockets;
using System.Text;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>A client that sends what it is told and reads what comes, without knowing any protocol.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <param name="server">Whom to connect to.</param>
    /// <param name="receiveBuffer">How much the system keeps unread, about; 0 for as much as it likes.</param>
    public RawClient(IPEndPoint server, int receiveBuffer = 0)
    {
        if (receiveBuffer > 0)
        {
            _socket.ReceiveBufferSize = receiveBuffer;
        }

        _socket.Connect(server);
    }

    public EndPoint LocalEndPoint => _socket.LocalEndPoint!;

    public static string Upgrade(string extra = "", string path = "/") =>
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n";

    public void Send(string text) => _socket.Send(Encoding.Latin1.GetBytes(text));

    public void Send(ReadOnlySpan<byte> bytes) => _socket.Send(bytes);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
        }
    }

    /// <summary>Reads and forgets until the end, however it comes.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset.
        }
    }

    /// <summary>All that comes until the server ends the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        int count;
        while ((count = await _socket.ReceiveAsync(buffer).WaitAsync(Link.Limit)) > 0)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    public async Task<string> ReadHeadAsync()
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _socket.ReceiveAsync(one).WaitAsync(Link.Limit) > 0)
        {
            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int received = await _socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(Link.Limit);
            Assert.NotEqual(0, received);
            read += received;
        }

        return bytes;
    }

    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
