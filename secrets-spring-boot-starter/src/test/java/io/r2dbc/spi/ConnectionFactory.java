package io.r2dbc.spi;

/**
 * Stand-in for the type of this name, which the tests do not depend on.
 */
public interface ConnectionFactory {

}
