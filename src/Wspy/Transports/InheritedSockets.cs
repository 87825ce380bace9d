using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Wspy.Transports;

/// <summary>Listening sockets with which the process was started, as systemd does it (sd_listen_fds(3)).</summary>
internal static partial class InheritedSockets
{
    /// <summary>Behind standard input, output and error (<c>SD_LISTEN_FDS_START</c>).</summary>
    private const int First = 3;

    /// <summary>More than any unit has; the number comes from the environment.</summary>
    private const int MaxCount = 1024;

    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>Takes one of them.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it does not listen.</exception>
    public static Socket Take(int index, string? name)
    {
        int found = Find(Environment.GetEnvironmentVariable, Environment.ProcessId, index, name);

        // What this process starts must not inherit it in turn.
        _ = ControlDescriptor(First + found, SetDescriptorFlags, CloseOnExec);
        Socket socket;
        try
        {
            socket = new Socket(new SafeSocketHandle(First + found, ownsHandle: true));
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException($"The inherited descriptor {First + found} is no socket: {exception.Message}", exception);
        }

        RequireListening(socket, $"The inherited descriptor {First + found}");
        return socket;
    }

    /// <summary>Which of the inherited descriptors is meant, from 0.</summary>
    /// <param name="environment">Tells variables of the environment.</param>
    /// <param name="processId">Whom they must be meant for: those of a parent that handed its environment on are nobody's here.</param>
    /// <param name="index">Which one.</param>
    /// <param name="name">The name in its place; null for the index.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static int Find(Func<string, string?> environment, int processId, int index, string? name)
    {
        if (!int.TryParse(environment("LISTEN_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid != processId
            || !int.TryParse(environment("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MaxCount)
        {
            throw new InvalidOperationException("The process was started without a listening socket: LISTEN_PID and LISTEN_FDS do not say so.");
        }

        if (name is not null)
        {
            // As many names as descriptors, with colons between them.
            index = Array.IndexOf((environment("LISTEN_FDNAMES") ?? "").Split(':'), name);
        }

        return index >= 0 && index < count
            ? index
            : throw new InvalidOperationException($"The process was started with {count} listening sockets, and there is no {(name is null ? $"number {index}" : $"\"{name}\"")} among them.");
    }

    /// <exception cref="InvalidOperationException">The socket does not listen, or knows no streams.</exception>
    public static void RequireListening(Socket socket, string what)
    {
        if (socket.SocketType != SocketType.Stream || socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 1)
        {
            throw new InvalidOperationException($"{what} is no listening stream socket.");
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int ControlDescriptor(int descriptor, int command, int value);
}
