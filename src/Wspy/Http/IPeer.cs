using System.Net;

namespace Wspy;

/// <summary>Who is at the other end. Asked when somebody wants to know: an address as an object costs more than a connection keeps for it.</summary>
internal interface IPeer
{
    /// <summary>As the system says, unless a trusted proxy says otherwise.</summary>
    EndPoint? RemoteEndPoint { get; set; }
}
