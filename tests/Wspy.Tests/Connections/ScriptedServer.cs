using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wspy.Handshake;

namespace Wspy.Tests.Connections;

/// <summary>A server that answers each request with the text that it is told, and keeps its connections until the client, or such a text, ends them.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string Upgrade = "HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";

    private readonly Socket _listener;
    private readonly Func<string, string> _answer;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="answer">Makes of a request's head an answer; "{accept}" stands for the right one. What says "Connection: close" ends the connection.</param>
    /// <param name="endPoint">Where it listens; by default on a free port of this machine.</param>
    public ScriptedServer(Func<string, string> answer, EndPoint? endPoint = null)
    {
        _answer = answer;
        _listener = new Socket(endPoint?.AddressFamily ?? AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(endPoint ?? new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string Url => $"ws://127.0.0.1:{Port}/";

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The heads of all requests in their order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[16 * 1024];
            string text = "";
            try
            {
                int count;
                while ((count = await socket.ReceiveAsync(buffer, _end.Token)) > 0)
                {
                    text += Encoding.Latin1.GetString(buffer, 0, count);
                    while (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is int end and >= 0)
                    {
                        string head = text[..(end + 2)];
                        text = text[(end + 4)..];
                        Requests.Enqueue(head);
                        string answer = _answer(head).Replace("{accept}", Accept(head), StringComparison.Ordinal);
                        await socket.SendAsync(Encoding.Latin1.GetBytes(answer), _end.Token);
                        if (answer.Contains("Connection: close", StringComparison.Ordinal))
                        {
                            return;
                        }
                    }
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The end, of either side.
            }
        }
    }

    private static string Accept(string head)
    {
        byte[] accept = new byte[HandshakeKey.AcceptLength];
        HandshakeKey.ComputeAccept(Encoding.ASCII.GetBytes(head.Split("Sec-WebSocket-Key: ")[1].Split("\r\n")[0]), accept);
        return Encoding.ASCII.GetString(accept);
    }
}
