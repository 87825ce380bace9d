using System.Globalization;
using System.Net.Sockets;

namespace Wspy;

/// <summary>The last descriptors that the process may have: not for clients.</summary>
/// <remarks>
/// The runtime takes two to start a thread, and ends the process when its thread pool cannot; the application has files to open. A descriptor's number is the
/// lowest that was free, so that it tells how many are left. Immutable and safe from any thread.
/// </remarks>
internal sealed class DescriptorReserve
{
    /// <summary>Enough for some thirty threads, or what else there is to open while it is short.</summary>
    public const int Most = 64;

    private const string Limits = "/proc/self/limits";

    private readonly long _end;

    /// <param name="limit">How many descriptors the process may have.</param>
    public DescriptorReserve(long limit) => _end = limit - Math.Min(limit / 4, Most);

    /// <summary>That of this process; none where the system has no such limit, or does not tell.</summary>
    public static DescriptorReserve OfThisProcess()
    {
        try
        {
            return new DescriptorReserve(Parse(File.ReadLines(Limits)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No Linux, or no descriptor left to ask with: then accepting fails when there are none.
            return new DescriptorReserve(long.MaxValue);
        }
    }

    /// <summary>Whether a descriptor that a client got is one of those.</summary>
    /// <param name="descriptor">Its number; negative where there are none.</param>
    public bool Holds(long descriptor) => descriptor >= _end;

    /// <summary>Whether the next descriptor would be one of those, or there is none; costs opening and closing a socket.</summary>
    public bool IsTouched()
    {
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            return Holds(probe.Handle);
        }
        catch (SocketException)
        {
            return true;
        }
    }

    // "Max open files            1024                 524288               files": the soft limit comes first.
    internal static long Parse(IEnumerable<string> limits)
    {
        const string name = "Max open files";
        foreach (string line in limits)
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                ReadOnlySpan<char> value = line.AsSpan(name.Length).TrimStart();
                int end = value.IndexOf(' ');
                return end > 0 && long.TryParse(value[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : long.MaxValue;
            }
        }

        return long.MaxValue;
    }
}
