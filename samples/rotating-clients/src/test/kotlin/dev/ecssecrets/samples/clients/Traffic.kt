// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients

import io.r2dbc.spi.R2dbcException
import org.awaitility.Awaitility
import org.springframework.context.ConfigurableApplicationContext
import org.springframework.stereotype.Component
import org.springframework.web.reactive.function.client.WebClient
import org.springframework.web.server.ServerWebExchange
import org.springframework.web.server.WebFilter
import org.springframework.web.server.WebFilterChain
import reactor.core.publisher.Mono
import java.io.IOException
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread

/**
 * Threads that send requests to the application without pause.
 */
class Traffic(application: ConfigurableApplicationContext, threads: Int) : AutoCloseable {

	private val failures = application.getBean(Failures::class.java)

	private val client =
		WebClient.create("http://127.0.0.1:${application.environment.getRequiredProperty("local.server.port")}")

	private val requests = AtomicLong()

	private val longest = AtomicLong()

	@Volatile
	private var ended = false

	private val threads = List(threads) { thread(name = "request", block = ::request) }

	private fun request() {
		while (!ended) {
			val start = System.nanoTime()
			val status = client.get().uri("/").exchangeToMono { it.releaseBody().thenReturn(it.statusCode()) }.block()
			longest.accumulateAndGet(System.nanoTime() - start, Math::max)
			if (status!!.is2xxSuccessful) requests.incrementAndGet()
		}
	}

	/**
	 * Waits until requests have been answered once more.
	 */
	fun awaitMore() {
		val before = requests.get()
		Awaitility.await().atMost(Duration.ofSeconds(40)).until { requests.get() > before + 50 }
	}

	fun failuresThatWereNotCut(): List<Throwable> = failures.all.filterNot(::isCut)

	fun summary() = "${requests.get()} requests, ${failures.all.size} failed, " +
		"${failuresThatWereNotCut().size} of them not cut by the server, longest ${longest.get() / 1_000_000} ms"

	/**
	 * A session that ended while it was used. Nobody fails who is still without one.
	 */
	private fun isCut(failure: Throwable) = generateSequence(failure) { it.cause }.toList().let { causes ->
		causes.none { it.message.orEmpty().contains("Failed to obtain R2DBC Connection") } &&
			causes.any { it is IOException || it is R2dbcException && it.sqlState in ENDED }
	}

	override fun close() {
		ended = true
		threads.forEach(Thread::join)
	}

	private companion object {

		// By an administrator, or in the middle of a query.
		val ENDED = setOf("57P01", "08000", "08003", "08006", "70100")

	}

}

/**
 * Failures of requests.
 */
@Component
class Failures : WebFilter {

	val all = ConcurrentLinkedQueue<Throwable>()

	override fun filter(exchange: ServerWebExchange, chain: WebFilterChain): Mono<Void> =
		chain.filter(exchange).doOnError(all::add)

}
