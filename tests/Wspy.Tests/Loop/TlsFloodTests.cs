using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Wspy.Loop;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>Records of TLS that carry no data, without end: each costs more than a message, and they hold up nobody else of the loop.</summary>
public abstract partial class TlsFloodTests(ServerEngine engine)
{
    /// <summary>About 27 bytes each: several times what is received in one turn.</summary>
    private const int KeyUpdates = 20_000;

    /// <summary>What one turn takes, several times.</summary>
    private const int Share = 256 * 1024;

    [Fact]
    public async Task Key_updates_without_end_hold_up_nobody_else_RFC8446_4_6_3()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The client is that of the system's OpenSSL.");
        var plan = new FaultPlan();
        using var held = new ManualResetEventSlim();
        var holds = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long receivedBefore = 0;
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, Tls = Link.ServerTls }, () => new FaultyPoller(engine == ServerEngine.Epoll ? new EpollPoller() : new PortablePoller(), plan));
        long received = -1;
        server.WhenView = (client, message) =>
        {
            if (message.Payload.SequenceEqual("hold"u8))
            {
                holds.SetResult();
                held.Wait(Link.Limit);
                receivedBefore = plan.Received;
            }
            else
            {
                received = plan.Received - receivedBefore;
                client.Send(message);
            }
        };
        using var flooding = new OpenSslClient(server.EndPoint.Port);
        flooding.Write(Encoding.ASCII.GetBytes(RawClient.Upgrade()));
        byte[] flood = flooding.MakeKeyUpdates(KeyUpdates);
        Assert.True(flood.Length > 2 * Share);
        var trusting = new ClientOptions { Tls = Link.TrustingTls };
        await using Connection holding = await Connection.ConnectAsync(server.SecureUrl, trusting);
        await using Connection other = await Connection.ConnectAsync(server.SecureUrl, trusting);
        await LoopServer.UntilAsync(() => server.Clients.Count == 3);

        // The flood is there before the message, and as much of it as the system keeps.
        await holding.SendAsync("hold");
        await holds.Task.WaitAsync(Link.Limit);
        Task sending = Task.Run(() => flooding.Send(flood));
        await LoopServer.UntilAsync(() => flooding.Sent > Share || sending.IsCompleted);
        await other.SendAsync("other");
        held.Set();
        Assert.Equal("other", ((TextMessage)await other.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Text);
        Assert.InRange(received, 1, Share);

        // All of it is sound, and so is who sent it.
        await sending.WaitAsync(Link.Limit);
        flooding.Write(LoopServer.Wire.Text("after"));
        await LoopServer.UntilAsync(() => received > Share);
    }

    /// <summary>A client of OpenSSL, which can be asked for records that the platform's does not make.</summary>
    private sealed partial class OpenSslClient : IDisposable
    {
        private const string Tls = "libssl.so.3";
        private const string Crypto = "libcrypto.so.3";

        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly nint _context = NewContext(ClientMethod());
        private readonly nint _connection;
        private readonly nint _output = NewBio(MemoryMethod());
        private long _sent;

        public OpenSslClient(int port)
        {
            _socket.Connect("127.0.0.1", port);
            _connection = New(_context);
            Assert.Equal(1, SetDescriptor(_connection, (int)_socket.Handle));
            Assert.Equal(1, Connect(_connection));

            // From now on what it writes is taken from memory.
            SetOutput(_connection, _output);
        }

        public long Sent => Volatile.Read(ref _sent);

        public byte[] MakeKeyUpdates(int count)
        {
            for (int i = 0; i < count; i++)
            {
                // SSL_KEY_UPDATE_NOT_REQUESTED: no answer is asked for.
                Assert.Equal(1, UpdateKey(_connection, 0));
                Assert.Equal(1, DoHandshake(_connection));
            }

            return Take();
        }

        public void Write(byte[] bytes)
        {
            Assert.Equal(bytes.Length, Write(_connection, bytes, bytes.Length));
            Send(Take());
        }

        public void Send(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                int sent = _socket.Send(bytes);
                bytes = bytes[sent..];
                Interlocked.Add(ref _sent, sent);
            }
        }

        public void Dispose()
        {
            Free(_connection);
            FreeContext(_context);
            _socket.Dispose();
        }

        private byte[] Take()
        {
            using var all = new MemoryStream();
            byte[] buffer = new byte[64 * 1024];
            int count;
            while ((count = Read(_output, buffer, buffer.Length)) > 0)
            {
                all.Write(buffer, 0, count);
            }

            return all.ToArray();
        }

        [LibraryImport(Tls, EntryPoint = "TLS_client_method")]
        private static partial nint ClientMethod();

        [LibraryImport(Tls, EntryPoint = "SSL_CTX_new")]
        private static partial nint NewContext(nint method);

        [LibraryImport(Tls, EntryPoint = "SSL_CTX_free")]
        private static partial void FreeContext(nint context);

        [LibraryImport(Tls, EntryPoint = "SSL_new")]
        private static partial nint New(nint context);

        [LibraryImport(Tls, EntryPoint = "SSL_free")]
        private static partial void Free(nint connection);

        [LibraryImport(Tls, EntryPoint = "SSL_set_fd")]
        private static partial int SetDescriptor(nint connection, int descriptor);

        [LibraryImport(Tls, EntryPoint = "SSL_set0_wbio")]
        private static partial void SetOutput(nint connection, nint bio);

        [LibraryImport(Tls, EntryPoint = "SSL_connect")]
        private static partial int Connect(nint connection);

        [LibraryImport(Tls, EntryPoint = "SSL_write")]
        private static partial int Write(nint connection, byte[] bytes, int count);

        [LibraryImport(Tls, EntryPoint = "SSL_key_update")]
        private static partial int UpdateKey(nint connection, int type);

        [LibraryImport(Tls, EntryPoint = "SSL_do_handshake")]
        private static partial int DoHandshake(nint connection);

        [LibraryImport(Crypto, EntryPoint = "BIO_s_mem")]
        private static partial nint MemoryMethod();

        [LibraryImport(Crypto, EntryPoint = "BIO_new")]
        private static partial nint NewBio(nint method);

        [LibraryImport(Crypto, EntryPoint = "BIO_read")]
        private static partial int Read(nint bio, byte[] bytes, int count);
    }
}

public sealed class EpollTlsFloodTests() : TlsFloodTests(ServerEngine.Epoll);

public sealed class PortableTlsFloodTests() : TlsFloodTests(ServerEngine.Portable);
