using System.Net.Security;
using System.Net.Sockets;

namespace Wspy;

/// <summary>A connection on which the server hears what is sent: TLS with it, or its opening handshake, comes next.</summary>
/// <param name="Socket">Connected to the server, or to a proxy that passes everything on.</param>
/// <param name="ProxyTls">TLS with the proxy itself, over the socket; null where none is spoken.</param>
internal readonly record struct ClientLink(Socket Socket, SslStream? ProxyTls = null);
