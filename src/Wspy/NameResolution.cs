using System.Net;
using System.Net.Sockets;

namespace Wspy;

/// <summary>The addresses of a host, of both families, within a time limit.</summary>
internal static class NameResolution
{
    /// <summary>Asks the system, blocking the caller until the deadline at most.</summary>
    /// <exception cref="SocketException">The name has no address.</exception>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public static IPAddress[] Resolve(string host, Func<string, IPAddress[]> lookUp, Deadline deadline) =>
        IPAddress.TryParse(host, out IPAddress? address) ? [address] : Check(host, HelperThread<IPAddress[]>.Run(() => LookUp(host, lookUp), deadline));

    /// <summary>Asks the system; an answer that comes after the cancellation is nobody's.</summary>
    /// <exception cref="SocketException">The name has no address.</exception>
    public static async ValueTask<IPAddress[]> ResolveAsync(string host, Func<string, CancellationToken, Task<IPAddress[]>> lookUp, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return [address];
        }

        try
        {
            // The system may not be interruptible: then it is left to itself.
            return Check(host, await lookUp(host, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (SocketException exception)
        {
            throw Unknown(host, exception);
        }
    }

    private static IPAddress[] LookUp(string host, Func<string, IPAddress[]> lookUp)
    {
        try
        {
            return lookUp(host);
        }
        catch (SocketException exception)
        {
            throw Unknown(host, exception);
        }
    }

    private static IPAddress[] Check(string host, IPAddress[] addresses) =>
        addresses.Length > 0 ? addresses : throw Unknown(host, new SocketException((int)SocketError.HostNotFound));

    private static SocketException Unknown(string host, SocketException cause) => new((int)cause.SocketErrorCode, $"The name {host} has no address: {cause.Message}.");
}
