// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.live

import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentLinkedQueue

/**
 * Mail service on a free port. It answers each request with its `Authorization` header,
 * which it also records.
 */
class MailServer : AutoCloseable {

	val authorizations = ConcurrentLinkedQueue<String>()

	private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

	val url = "http://127.0.0.1:${server.address.port}"

	init {
		server.createContext("/") { exchange ->
			val authorization = exchange.requestHeaders.getFirst("Authorization")
			authorizations.add(authorization)
			val body = authorization.toByteArray()
			exchange.requestBody.readAllBytes()
			exchange.responseHeaders.add("Content-Type", "text/plain")
			exchange.sendResponseHeaders(200, body.size.toLong())
			exchange.responseBody.use { it.write(body) }
		}
		server.start()
	}

	override fun close() = server.stop(0)

}
