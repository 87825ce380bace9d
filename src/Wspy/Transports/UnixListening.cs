using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Wspy.Transports;

/// <summary>Listening on Unix-domain sockets: what stands at the path already, and who may connect.</summary>
internal static unsafe partial class UnixListening
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint WantsType = 1;
    private const int TypeMask = 0xF000;
    private const int SocketFile = 0xC000;

    /// <summary>Where <c>struct statx</c>, which is the same on every processor, has its <c>stx_mode</c>, and its size.</summary>
    private const int ModeOffset = 28;

    private const int StatSize = 256;

    /// <param name="endPoint">Where.</param>
    /// <param name="path">The file, which the platform deletes when the socket is disposed; null for an abstract name.</param>
    /// <param name="mode">Of the file; null to leave it as it is made.</param>
    /// <param name="backlog">How many may wait.</param>
    public static Socket Listen(UnixDomainSocketEndPoint endPoint, string? path, UnixFileMode? mode, int backlog)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bool isBound = false;
        try
        {
            try
            {
                socket.Bind(endPoint);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && path is not null && IsLeftBehind(path, endPoint))
            {
                File.Delete(path);
                socket.Bind(endPoint);
            }

            isBound = true;
            if (path is not null && mode is { } given && !OperatingSystem.IsWindows())
            {
                // Before it listens, so that nobody gets in whom the umask alone would let in.
                File.SetUnixFileMode(path, given);
            }

            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            if (isBound && path is not null)
            {
                File.Delete(path);
            }

            throw;
        }
    }

    // A socket's file at which nobody listens any more. Connecting to any file but a socket's is refused as well, so the type comes first.
    private static bool IsLeftBehind(string path, UnixDomainSocketEndPoint endPoint)
    {
        if (!OperatingSystem.IsLinux() || !IsSocket(path))
        {
            return false;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    private static bool IsSocket(string path)
    {
        byte* stat = stackalloc byte[StatSize];
        return GetStatus(CurrentDirectory, path, NoFollow, WantsType, stat) == 0 && (*(ushort*)(stat + ModeOffset) & TypeMask) == SocketFile;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int directory, string path, int flags, uint mask, byte* status);
}
